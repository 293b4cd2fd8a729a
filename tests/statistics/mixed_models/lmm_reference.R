# Fits linear mixed models with lme4, polishes the optimum by Newton steps on numerical derivatives, and prints what lmerTest
# and pbkrtest make of it as JSON. Usage: Rscript lmm_reference.R data.csv cases.csv, where cases.csv has the columns name,
# formula (of lme4), method (REML or ML). Factors are alphabetical.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(numDeriv); library(jsonlite)})
args <- commandArgs(TRUE)
data <- read.csv(args[1], stringsAsFactors = TRUE)
data$id <- factor(data$id)
cases <- read.csv(args[2], stringsAsFactors = FALSE)

polish <- function(dev, theta, lower) {
  free <- !(lower == 0 & theta < 1e-3)
  f <- function(part) { all <- theta; all[free] <- part; all[!free] <- 0; dev(all) }
  part <- theta[free]
  if (sum(free)) for (step in 1:6) part <- part - solve(hessian(f, part), grad(f, part))
  theta[free] <- part
  theta[!free] <- 0
  theta
}

intervals <- function(dev, theta, sigma, q, n, p, reml) {
  env <- environment(dev)
  full <- function(par) {
    s <- exp(par[1:q]); sigma <- exp(par[q + 2]); r <- tanh(par[q + 1])
    S <- diag(s, q) %*% matrix(c(1, r, r, 1), 2) %*% diag(s, q)
    L <- t(chol(S / sigma^2)); dev(L[lower.tri(L, TRUE)])
    nu <- if (reml) n - p else n
    env$pp$ldL2() + (if (reml) env$pp$ldRX2() else 0) + nu * log(2 * pi * sigma^2) + (env$resp$wrss() + env$pp$sqrL(1)) / sigma^2
  }
  L <- matrix(c(theta[1], theta[2], 0, theta[3]), 2); S <- L %*% t(L) * sigma^2
  x <- c(log(sqrt(diag(S))), atanh(cov2cor(S)[1, 2]), log(sigma))
  se <- sqrt(diag(2 * solve(hessian(full, x))))
  low <- x - qnorm(0.975) * se; high <- x + qnorm(0.975) * se
  list(lower = c(exp(low[1:2]), tanh(low[3]), exp(low[4])), upper = c(exp(high[1:2]), tanh(high[3]), exp(high[4])))
}

fit_one <- function(case) {
  reml <- case$method == "REML"
  parts <- lFormula(as.formula(case$formula), data, REML = reml)
  dev <- do.call(mkLmerDevfun, parts)
  start <- optimizeLmer(dev, optimizer = "bobyqa", control = list(rhoend = 1e-9))
  theta <- polish(dev, start$par, environment(dev)$lower)
  value <- dev(theta)
  if (value > start$fval + 1e-9) stop("polishing went wrong")
  model <- mkMerMod(environment(dev), list(par = theta, fval = value, conv = 0, message = ""), parts$reTrms, parts$fr)
  tested <- suppressWarnings(lmerTest:::as_lmerModLT(model, dev))
  p <- length(fixef(model)); id <- diag(p)
  satt <- do.call(rbind, lapply(1:p, function(i) contest1D(tested, id[i, ], ddf = "Satterthwaite")))
  all <- contestMD(tested, id[-1, , drop = FALSE], ddf = "Satterthwaite")
  effects <- ranef(model, condVar = TRUE)$id
  post <- attr(effects, "postVar")
  out <- list(
    formula = case$formula, method = case$method, terms = names(fixef(model)), estimate = unname(fixef(model)),
    standard_error = satt[, "Std. Error"], df = satt[, "df"], t = satt[, "t value"], p = satt[, "Pr(>|t|)"],
    joint = c(all[["F value"]], all[["NumDF"]], all[["DenDF"]], all[["Pr(>F)"]]),
    varcor = as.data.frame(VarCorr(model))$vcov, sdcor = as.data.frame(VarCorr(model))$sdcor,
    log_likelihood = as.numeric(logLik(model)), aic = AIC(model), bic = BIC(model), singular = isSingular(model),
    ranef = unname(as.matrix(effects)), fitted_population = unname(predict(model, re.form = NA)),
    fitted_subject = unname(fitted(model)))
  if (is.array(post)) out$ranef_sd <- unname(t(apply(post, 3, function(m) sqrt(pmax(diag(m), 0)))))
  if (reml) {
    adjusted <- vcovAdj(tested)
    out$kr_error <- sqrt(diag(as.matrix(adjusted)))
    out$kr_df <- sapply(1:p, function(i) Lb_ddf(id[i, ], vcov(tested), adjusted))
    joint <- KRmodcomp(model, id[-1, , drop = FALSE])$test
    out$kr_joint <- c(joint["Ftest", "stat"], joint["Ftest", "ndf"], joint["Ftest", "ddf"], joint["Ftest", "p.value"])
  }
  if (length(theta) == 3 && !out$singular) out$intervals <- intervals(dev, theta, sigma(model), 2, nrow(parts$fr), p, reml)
  out
}

found <- lapply(seq_len(nrow(cases)), function(i) fit_one(cases[i, ]))
names(found) <- cases$name
versions <- sapply(c("lme4", "lmerTest", "pbkrtest", "numDeriv"), function(one) as.character(packageVersion(one)))
cat(toJSON(list(`_meta` = list(R = R.version.string, packages = as.list(versions)), fits = found),
           digits = 17, auto_unbox = TRUE, null = "null", na = "null"))
