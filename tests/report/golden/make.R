# What R 4.2.2 makes of random input: one JSON object a line, numbers as hexadecimal doubles.
# Rscript make.R writes numbers.jsonl, coefficients.jsonl, cells.jsonl and abbreviate.jsonl here.
library(jsonlite)

hex <- function(x) {
  ifelse(is.nan(x), "NaN", ifelse(is.na(x), "NA",
    ifelse(is.infinite(x), ifelse(x > 0, "inf", "-inf"), sprintf("%a", x))))
}
write_lines <- function(file, n, seed, one) {
  set.seed(seed)
  to <- file(file, "w")
  for (i in seq_len(n)) cat(toJSON(one(), auto_unbox = FALSE), "\n", sep = "", file = to)
  close(to)
}
some <- function(x, n) sample(x, n, replace = TRUE)
names_of <- function(n) make.unique(vapply(seq_len(n), function(i)
  paste(some(c(letters, LETTERS, "(", ")", " ", ":"), sample(c(1, 2, 3, 5, 8, 12, 20), 1)), collapse = ""), ""))

# vectors of many kinds: one scale, many scales, few decimals, whole, halves, near powers of ten
vector_of <- function() {
  n <- sample(c(1, 1, 2, 3, 5, 8), 1)
  x <- switch(sample(12, 1),
    rnorm(n), rnorm(n) * 10^sample(-12:12, 1), rnorm(n) * 10^runif(n, -8, 8),
    round(rnorm(n, 0, 100), sample(0:6, 1)), some(-2000:2000, n), some(-2000:2000, n) / 8,
    (some(1:2000, n) + 0.5) * 10^sample(-5:5, 1), exp(rnorm(n, 0, 30)),
    10^some(-8:8, n) * (1 - 10^-some(3:15, n)), 10^some(-15:15, n),
    signif(rnorm(n) * 10^some(-3:3, n), sample(1:7, 1)), rnorm(n, 1e5, 1))
  for (special in c(0, NaN, Inf, -Inf, -0)) if (runif(1) < 0.05) x[sample(n, 1)] <- special
  as.numeric(x)
}
write_lines("numbers.jsonl", 160, 1, function() {
  x <- vector_of(); digits <- sample(c(1:9, 7, 7, 4, 4, 4, 3, 15), 1)
  nsmall <- sample(c(0, 0, 0, 1:5), 1); k <- sample(-3:9, 1)
  p <- runif(length(x))^sample(c(1, 3, 20), 1); if (runif(1) < 0.1) p[1] <- NA
  list(x = hex(x), digits = digits, format = format(x, digits = digits), nsmall = nsmall,
    format_nsmall = format(x, digits = digits, nsmall = nsmall), decimals = k, round = hex(round(x, k)),
    signif = hex(signif(x, digits)), zapsmall = hex(zapsmall(x, digits)),
    p = hex(p), p_digits = digits %% 7 + 1, format_pval = format.pval(p, digits = digits %% 7 + 1))
})

coefficient_names <- c("(Intercept)", "X", "Days", "recipeB:temperature^5", "I(age - 11)", "poly(Days, 2)1", "Machine C")
write_lines("coefficients.jsonl", 60, 2, function() {
  n <- sample(1:6, 1); scale <- 10^(if (runif(1) < 0.6) rep(sample(-3:3, 1), n) else some(-6:6, n))
  est <- rnorm(n) * scale; se <- abs(rnorm(n)) * scale / some(c(1, 10, 100), n)
  if (runif(1) < 0.2) { est <- round(est, 2); se <- round(se, 1) + 0.1 }
  if (runif(1) < 0.1) est[sample(n, 1)] <- 0
  df <- switch(sample(3, 1), rep(sample(1:100, 1), n), runif(n, 1, 50), exp(runif(n, 0, 10)))
  t <- est / se; p <- 2 * pt(-abs(t), df)
  if (runif(1) < 0.1) { w <- sample(n, 1); df[w] <- NaN; p[w] <- NaN }
  if (runif(1) < 0.05) { w <- sample(n, 1); est[w] <- se[w] <- t[w] <- df[w] <- p[w] <- NaN }
  m <- switch(sample(3, 1), cbind(Estimate = est, `Std. Error` = se, `t value` = t),
    cbind(Estimate = est, `Std. Error` = se, df = df, `t value` = t, `Pr(>|t|)` = p),
    cbind(Estimate = est, `Std. Error` = se, `z value` = t, `Pr(>|z|)` = 2 * pnorm(-abs(t))))
  rownames(m) <- make.unique(some(coefficient_names, n)); digits <- sample(c(4, 4, 4, 3, 5, 6), 1)
  list(rows = rownames(m), columns = colnames(m), digits = digits,
    values = lapply(seq_len(ncol(m)), function(j) hex(m[, j])), lines = capture.output(printCoefmat(m, digits = digits)))
})

column_of <- function(n) {
  x <- switch(sample(5, 1), rnorm(n), rnorm(n) * 10^sample(-6:6, 1), round(rnorm(n, 0, 10), sample(0:3, 1)),
    rnorm(n) * 10^some(-4:4, n), as.numeric(some(0:1, n)))
  if (runif(1) < 0.1) x[sample(n, 1)] <- NA
  x
}
write_lines("cells.jsonl", 30, 3, function() {
  n <- sample(1:4, 1); k <- sample(c(1:4, 8, 12), 1)
  m <- matrix(unlist(lapply(1:k, function(j) column_of(n))), n, k, dimnames = list(names_of(n), names_of(k)))
  v <- setNames(rnorm(k), names_of(k)); t <- matrix(names_of(n * k), n, k, dimnames = dimnames(m))
  frame <- setNames(data.frame(lapply(1:k, function(j) switch(sample(4, 1), column_of(n), sample(-1e6:1e6, n),
    some(c("a", "bb", "c d", ""), n), some(c(TRUE, FALSE), n)))), names_of(k))
  list(rows = rownames(m), columns = colnames(m), matrix = matrix(hex(m), n, k), matrix_lines = capture.output(print(m)),
    vector_names = names(v), vector = hex(v), vector_lines = capture.output(print(v)),
    gap_lines = capture.output(print.default(format(v, digits = 4), print.gap = 2L, quote = FALSE)),
    text = unname(t), left_lines = capture.output(print(t, quote = FALSE)),
    right_lines = capture.output(print(t, quote = FALSE, right = TRUE)),
    frame_names = names(frame), types = vapply(frame, typeof, ""),
    frame = lapply(unname(as.list(frame)), function(x) if (is.double(x)) hex(x) else x), frame_lines = capture.output(print(frame)))
})

words <- c("(Intercept)", "temperature", "recipeB", "Machine", "poly(Days, 2)1", "I(age - 11)", "Female", "age", "ns(Days, df = 3)1",
  "factor(Days)10", "x_copy", "Treatment.high", "A2", "O.L", "O^4", "lglTRUE", "sin(2 * pi * Time)", "log(x + 1)", "grouptreated",
  "aeiou", "AEIOU", "time point 2", "very long name with many words here", "  lead", "trail  ", "a b c d e f g h", "math_score_9")
write_lines("abbreviate.jsonl", 120, 4, function() {
  v <- vapply(seq_len(sample(1:6, 1)), function(i) paste(some(words, sample(c(1, 1, 2, 3), 1)), collapse = ":"), "")
  length <- sample(c(6, 11, 6, 11, 4, 3, 8), 1)
  list(names = v, length = length, short = unname(abbreviate(v, minlength = length)))
})
