# Writes formulas.json: what R and lme4 make of formulas.
# Run in this folder with LC_ALL=C: Rscript make.R     (R 4.2.2, lme4 1.1-31, jsonlite)
suppressMessages({library(lme4); library(splines); library(jsonlite)})

read_contr <- function() {
  d <- read.csv("../../reference/data/contr.csv", stringsAsFactors = FALSE)
  d$A <- factor(d$A, levels = c("ctl", "trt1", "trt2"))
  d$B <- factor(d$B); d$g <- factor(d$g); d$item <- factor(d$item)
  d$O <- factor(d$O, levels = c("low", "med", "high", "top"), ordered = TRUE)
  d$n <- seq_len(nrow(d)) %% 4 + 1
  d$h <- factor(c("u", "v", "w")[seq_len(nrow(d)) %/% 7 %% 3 + 1])
  d$x_na <- ifelse(seq_len(nrow(d)) %% 50 == 3, NA, d$x)
  d
}
d <- read_contr()
checks <- lmerControl(check.rankX = "ignore", check.nobs.vs.nRE = "ignore",
                      check.nobs.vs.nlev = "ignore", check.scaleX = "ignore")
# sums show values, and sums times the row number the order of rows
digest <- function(M) list(sum = colSums(M), turned = colSums(M * seq_len(nrow(M))))

model <- function(text, contrasts = NULL) {
  lf <- suppressWarnings(suppressMessages(
    lFormula(as.formula(text), d, contrasts = contrasts, control = checks)))
  fixed <- nobars(as.formula(text))
  list(formula = text, contrasts = contrasts, text = deparse(lf$formula, width.cutoff = 500L),
       n = nrow(lf$fr), names = as.list(colnames(lf$X)), X = digest(as.matrix(lf$X)),
       assign = as.list(attr(lf$X, "assign")),
       labels = as.list(attr(terms(fixed, data = d), "term.labels")),
       groups = as.list(names(lf$reTrms$cnms)), effects = lapply(unname(lf$reTrms$cnms), as.list),
       levels = lapply(lf$reTrms$flist, function(f) as.list(levels(f))),
       Z = lapply(unname(lf$reTrms$Ztlist), function(Zt) digest(as.matrix(t(Zt)))))
}

fixed <- c("x", "A", "0 + A", "A * B", "A * B * h", "A:B", "A + A:B", "B + A:B", "0 + A + B",
  "0 + A:x + B", "0 + x:A + lgl", "A/x", "A/B", "A/(B + h)", "(A + B)/h", "B %in% A",
  "A + B %in% A", "A %in% (B + h)", "(A + B + h)^2", "(A + B + x)^3 - A:B:x", "(A + x/lgl)^2",
  "A * B - A", "A * x - x", "A * B - A - B", "A:B + A:h", "A:B + B:h + A:h", "A:B:h + A", "A + B:x + A:B",
  "O", "O * A", "0 + O", "O:A", "lgl", "0 + lgl", "lgl * A", "factor(n)", "factor(n) * x",
  "ordered(n)", "factor(n, levels = c(3, 1, 2, 4))", "factor(n, labels = c('a', 'b', 'c', 'd'))",
  "relevel(A, ref = 'trt1')", "as.numeric(O)", "poly(x, 2)", "poly(x, 3, raw = TRUE)",
  "poly(x, 2) * A", "A:poly(x, 2)", "ns(x, 3)", "ns(x, df = 4):A", "ns(x, knots = c(4, 6))",
  "ns(x, df = 3, intercept = TRUE)", "ns(x)", "bs(x)", "bs(x, 5)", "bs(x, df = 5, degree = 2)",
  "bs(x, knots = 4, degree = 1)", "bs(x, df = 6, intercept = TRUE)", "ns(log(x), 2)", "scale(x)",
  "scale(x, scale = FALSE)", "scale(x, center = FALSE)", "log(x) + sqrt(x) + exp(x/5)",
  "log(x, 2) + log(x, base = 10) + log2(x) + log10(x) + log1p(x)", "I(x^2) + I(-x/2 + 1)",
  "sin(2 * pi * x) + cos(2 * pi * x)", "I(x > 5)", "(x > 5) + h", "I(A == 'ctl')", "I(x %% 2)",
  "x^2", "x + offset(n)", "-1 + x + A", "x - 1", "x + 0 + A", "x + A - 1 + 1", "A - (x - 1)",
  "A - B + h:B", "A - x_na", "A + x_na", "scale(x_na) + A", ". - g - item - x_na")
random <- c("y ~ x + (x | g)", "y ~ x + (A | g)", "y ~ x + (0 + A | g)", "y ~ x + (A * x | g)",
  "y ~ x + (0 + A:x | g)", "y ~ x + (O | g)", "y ~ x + (lgl | g)", "y ~ x + (poly(x, 2) | g)",
  "y ~ x + (I(x^2) + log(x) | g)", "y ~ x + (x || g)", "y ~ x + (A || g)", "y ~ x + (A * x || g)",
  "y ~ x + (0 + x + n || g)", "y ~ x + (x || h/B)", "y ~ x + (1 | h/B)", "y ~ x + (1 | h/B/A)",
  "y ~ x + (1 | h:B)", "y ~ x + (1 | h/(A:B))", "y ~ x + (1 | (h:B))", "y ~ x + (1 | h/A:B)",
  "y ~ x + (1 | h) + (1 | g) + (1 | item)", "y ~ x + (1 | h) + (0 + x | h) + (1 | g)",
  "y ~ x + (x | h) + (n | h) + (1 | g)", "y ~ x + (1 | n)", "y ~ x + (1 | lgl:h)", "y ~ (x + (1 | g))",
  "y ~ x + (1 | g) - 1", "y ~ 0 + (1 | g)", "log(x) ~ A + (1 | g)", "y - x ~ A + (1 | g)",
  "y ~ x + ((1 | g) + (0 + x | g))", "y ~ x + (x_na | g)")
coded <- list(
  list("y ~ A + B + O + (A | g)", list(A = "contr.sum", B = "contr.helmert", O = "contr.treatment")),
  list("y ~ A * B + (1 | g)", list(A = "contr.SAS")),
  list("y ~ 0 + A + B + (1 | g)", list(A = "contr.sum", B = "contr.sum")),
  list("y ~ A * O + (1 | g)", list(A = "contr.poly", O = "contr.sum")),
  list("y ~ lgl + (1 | g)", list(lgl = "contr.sum")))

new <- data.frame(x = c(-3, 2, 5.5, 30), n = c(4, 2, 2, 1), A = c("trt1", "trt1", "ctl", "trt2"),
                  B = c("z", "w", "w", "x"), lgl = TRUE,
                  O = factor(c("top", "low", "low", "med"), levels = levels(d$O), ordered = TRUE))
later <- c("ns(x, 3)", "ns(x, knots = c(4, 6), Boundary.knots = c(0, 9))", "ns(log1p(x + 5), 3):A",
  "ns(x, df = 4, intercept = TRUE)", "bs(x, 5)", "bs(x, knots = c(3, 6), degree = 2)", "bs(x, df = 3, degree = 1)",
  "bs(x, df = 6, intercept = TRUE)", "poly(x, 3)", "poly(x, 2) * A", "scale(x) * B",
  "scale(x, center = FALSE)", "factor(n) * A", "O * lgl", "A:B", "0 + A + B", "ordered(n)")
predicted <- lapply(later, function(f) {
  m <- lm(as.formula(paste("y ~", f)), d)
  t <- delete.response(terms(m))
  fr <- suppressWarnings(model.frame(t, new, xlev = m$xlevels))
  list(formula = f, X = unname(model.matrix(t, fr, contrasts.arg = m$contrasts)))
})

long <- c("y ~ a_long_predictor_1 + a_long_predictor_2 + a_long_predictor_3 + (1 | g)",
  "y ~ a_long_predictor_1 * a_long_predictor_2 * a_long_predictor_3 + (1 | subject) + (1 | item)",
  "y ~ a_long_predictor_1 + b:a_long_predictor_2 + I(a_long_predictor_3^2 - 100000) + (1 + a_long_predictor_1 | a_group/b)",
  "y ~ (a_long_predictor_1 + a_long_predictor_2 + (a_long_predictor_3 + z))^2 + (0 + a_long_predictor_1 | subject_number)",
  "y ~ ns(a_long_predictor_1, knots = c(0.5, 1.25, 1e5, 3e-7), Boundary.knots = c(-10, 10)) + log(a_long_predictor_2, base = 2) + (1 | g)",
  "y ~ factor(a_long_predictor_1, levels = c('aaaaaaaaaa', \"bbbbbbbbbbb\", 'c', 'dddddddddddd')) + `a name` + (1 | g)")
out <- list(
  models = c(lapply(paste("y ~", fixed, "+ (1 | g)"), model), lapply(random, model),
             lapply(coded, function(pair) model(pair[[1]], pair[[2]]))),
  predicted = predicted,
  lines = lapply(long, function(f) list(formula = f, lines = as.list(deparse(as.formula(f))))))
write(toJSON(out, digits = NA, auto_unbox = TRUE, null = "null"), "formulas.json")
