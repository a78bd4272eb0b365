# Random models as R 4.2.2 with lme4 1.1-31 and lmerTest 3.1-3 prints them, beside their numbers.
# Rscript make_summaries.R writes summaries.jsonl here: one JSON object a line.
suppressMessages({ library(jsonlite); library(lme4); library(lmerTest) })
set.seed(20)

fixed <- c("1", "0", "x", "0 + x", "x * trt", "x + x_copy + z", "x + O", "a_predictor_with_a_long_name * trt", "f8 + O", "z + offset(o)")
random <- c("(1 | Subject)", "(x | Subject)", "(x || Subject)", "(trt | Subject)", "(1 | Subject) + (1 | item)", "(0 + trt | Subject) + (1 | item)",
  "(1 | Subject:school) + (1 | Subject)", "(x + z | Subject)", "(f8 | Subject)", "(1 | item) + (1 | trt:Subject) + (1 | School_with_a_long_name:trt)")
lines_of <- function(x) suppressWarnings(capture.output(suppressMessages(x)))
as_list <- function(x) as.list(unname(x))

one <- function() {
  n <- sample(c(60, 120), 1); groups <- sample(c(6, 12), 1)
  sy <- 10^sample(c(0, 0, -3, 2, 5), 1); sx <- 10^sample(c(0, 0, -3, 4), 1)
  d <- data.frame(Subject = factor(sample(groups, n, TRUE)), item = factor(sample(5, n, TRUE)), x = rnorm(n) * sx, z = round(rnorm(n), 1),
    trt = factor(sample(c("control", "treatA", "treatB"), n, TRUE)), O = factor(sample(4, n, TRUE), ordered = TRUE),
    a_predictor_with_a_long_name = runif(n), w = runif(n, 0.5, 2), o = rnorm(n), f8 = factor(sample(letters[1:9], n, TRUE)))
  d$school <- d$School_with_a_long_name <- factor(paste0("school", d$item)); d$x_copy <- 2 * d$x
  b <- rnorm(groups) * sample(c(0, 1, 3), 1)
  d$y <- sy * (rnorm(1, 0, 10) + d$x / sx + b[d$Subject] + rnorm(5)[d$item] + rnorm(n))
  formula <- as.formula(paste("y ~", sample(fixed, 1), "+", sample(random, 1)))
  call <- list(quote(lme4::lmer), formula, data = quote(d), REML = runif(1) < 0.6)
  if (runif(1) < 0.2) call$weights <- quote(w)
  if (runif(1) < 0.2) call$offset <- quote(o)
  fit <- tryCatch(suppressWarnings(suppressMessages(eval(as.call(call)))), error = function(e) NULL)
  if (is.null(fit)) return(NULL)
  v <- VarCorr(fit); beta <- fixef(fit)
  out <- list(reml = call$REML, formula = as_list(deparse(formula(fit))), data = "d",
    weights = if (!is.null(call$weights)) "w", offset = if (!is.null(call$offset)) "o",
    criterion = if (isREML(fit)) REMLcrit(fit) else deviance(fit), loglik = c(logLik(fit)), aic = AIC(fit), bic = BIC(fit),
    df_residual = df.residual(fit), nobs = nobs(fit), quantiles = as_list(quantile(resid(fit, type = "pearson", scaled = TRUE))),
    effects = lapply(names(v), function(g) list(label = g, names = as_list(rownames(v[[g]])), sd = as_list(attr(v[[g]], "stddev")),
      correlation = unname(attr(v[[g]], "correlation")))),
    sigma = sigma(fit), groups = as.list(ngrps(fit)), names = as_list(names(beta)), beta = as_list(beta),
    vcov = if (length(beta)) as.matrix(unname(vcov(fit))), messages = as_list(fit@optinfo$conv$lme4$messages),
    remarks = as_list(c(attr(fit@pp$X, "msgRank"), attr(fit@pp$X, "msgScaleX"))),
    summary = as_list(lines_of(print(summary(fit)))), print = as_list(lines_of(print(fit))),
    varcorr = as_list(lines_of(print(v, comp = c("Variance", "Std.Dev.")))))
  tested <- tryCatch(suppressWarnings(suppressMessages(as_lmerModLmerTest(fit))), error = function(e) NULL)
  for (method in c("Satterthwaite", if (n == 60) "Kenward-Roger")) {
    s <- tryCatch(suppressWarnings(suppressMessages(summary(tested, ddf = method))), error = function(e) NULL)
    if (is.null(s) || NCOL(s$coefficients) != 5 || !length(beta)) next
    out[[method]] <- list(se = as_list(s$coefficients[, 2]), df = as_list(s$coefficients[, 3]), p = as_list(s$coefficients[, 5]),
      lines = as_list(lines_of(print(s))))
  }
  out
}
to <- file("summaries.jsonl", "w"); found <- 0
while (found < 24) {
  x <- one(); if (is.null(x)) next
  cat(toJSON(x, digits = I(17), auto_unbox = TRUE, null = "null"), "\n", sep = "", file = to); found <- found + 1
}
close(to)
