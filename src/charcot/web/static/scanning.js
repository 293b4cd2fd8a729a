// A scanner types a code and presses Enter: go on to the next field. Without a network nothing is sent and nothing is lost.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("input[data-scan]")) return;
  event.preventDefault();
  const fields = [...event.target.form.querySelectorAll("input:not([type=hidden]), select, textarea, button")];
  fields[fields.indexOf(event.target) + 1]?.focus();
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(".act-form") || navigator.onLine) return;
  event.preventDefault();
  let said = form.querySelector("[data-offline]");
  if (!said) {
    said = document.createElement("p");
    said.className = "notice refused";
    said.setAttribute("role", "alert");
    said.dataset.offline = "";
    form.prepend(said);
  }
  said.textContent = form.dataset.offline;
});
