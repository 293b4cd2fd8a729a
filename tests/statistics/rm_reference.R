# Repeated-measures analysis of variance by afex and car (type III, sum contrasts), and Friedman's test, as JSON.
# Usage: Rscript rm_reference.R data.csv, with the columns id, group (may be empty), and one for each level.
suppressMessages({library(afex); library(jsonlite)})
wide <- read.csv(commandArgs(TRUE)[1], stringsAsFactors = FALSE)
levels <- setdiff(names(wide), c("id", "group"))
wide <- wide[complete.cases(wide[, levels]) & !is.na(wide$group) & wide$group != "", ]
long <- data.frame(id = factor(rep(wide$id, length(levels))), group = factor(rep(wide$group, length(levels))),
                   time = factor(rep(levels, each = nrow(wide)), levels), y = unlist(wide[, levels]))
found <- summary(suppressMessages(aov_car(y ~ group + Error(id / time), long)))
rows <- function(table) lapply(split(as.data.frame(unclass(table)), rownames(table)), function(row) unname(unlist(row)))
test <- friedman.test(as.matrix(wide[, levels]))
cat(toJSON(list(`_meta` = list(R = R.version.string, afex = as.character(packageVersion("afex")), car = as.character(packageVersion("car"))),
  univariate = rows(found$univariate.tests[, ]), mauchly = rows(found$sphericity.tests[, ]),
  corrected = rows(found$pval.adjustments[, ]), friedman = c(test$statistic, test$parameter, test$p.value)),
  digits = 17, auto_unbox = TRUE))
