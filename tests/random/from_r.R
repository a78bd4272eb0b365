# Writes from_r.json: for each seed and call the first and last numbers of R's stream, and the
# uniform that follows. Run with the calls below changed; the tests themselves need no R.
library(MASS)
calls <- c(
  # gamma: GS below one, GD in its three ranges of shape
  "rgamma(500, 0.001)", "rgamma(500, 0.3)", "rgamma(500, 0.999)", "rgamma(500, 1)",
  "rgamma(500, 1.4, 0.2)", "rgamma(500, 3.686)", "rgamma(500, 8, scale = 3)",
  "rgamma(500, 13.022)", "rgamma(500, 14)", "rgamma(500, 1e6)",
  "rgamma(12, c(0, 0.5, 2), scale = c(1, 0, 3, 2))",
  # beta: BC, BB, either shape the smaller, point masses
  "rbeta(500, 0.02, 0.03)", "rbeta(500, 0.5, 4)", "rbeta(500, 4, 0.5)", "rbeta(500, 1, 1)",
  "rbeta(500, 1.001, 1.002)", "rbeta(500, 30, 3)", "rbeta(500, 3, 30)", "rbeta(500, 7, 7)",
  "rbeta(500, 1e-5, 1e-5)", "rbeta(9, c(0, 2, 0), c(2, 0, 0))", "rbeta(50, 2, 3, ncp = 1)",
  # chi-squared, t, F
  "rchisq(500, 0.1)", "rchisq(500, 11)", "rchisq(50, c(0, 1), ncp = c(0, 2, 0.1))",
  "rchisq(50, 2, ncp = 60)", "rt(500, 0.7)", "rt(500, c(2, Inf))", "rt(50, 30, ncp = -2)",
  "rf(500, 1, c(3, Inf))", "rf(50, 4, 9, ncp = 3)",
  # binomial: inversion, BTPE, p above a half, the border, 32-bit overflow
  "rbinom(500, 1, 0.02)", "rbinom(500, 59, 0.5)", "rbinom(500, 60, 0.5)",
  "rbinom(500, 1000, 0.0299)", "rbinom(500, 45, 0.95)", "rbinom(2000, 5000, 0.3)",
  "rbinom(2000, 123456, 0.81)", "rbinom(500, 2000000000, 0.45)", "rbinom(500, 2147483646, 1e-9)",
  "rbinom(9, c(0, 5, 5), c(0.5, 0, 1))",
  # Poisson: table, PD, and PD where counts are below ten
  "rpois(500, 1e-8)", "rpois(500, 0.9)", "rpois(500, 7.5)", "rpois(500, 9.9999)",
  "rpois(2000, 10)", "rpois(2000, 13.7)", "rpois(2000, 36)", "rpois(500, 1e9)", "rpois(500, 1e12)",
  # others that count
  "rgeom(100, 0.01)", "rgeom(100, 1)", "rnbinom(100, 0.3, 0.1)", "rnbinom(100, 12, mu = 90)",
  "rhyper(300, 2, 20, 3)", "rhyper(300, 11, 1318, 441)", "rhyper(300, 900, 700, 800)",
  "rhyper(300, 5000, 90000, 60000)", "rhyper(300, 90000, 5000, 30000)", "rhyper(20, 4, 5, 9)",
  "rmultinom(50, 9, c(0, 1, 2, 0))", "rmultinom(50, 7, c(0.3, 0.3, 0.4, 0))",
  "rmultinom(50, 3000, c(0.21, 0.04, 0.33, 0.17, 0.25))", "rmultinom(3, 0, c(1, 2))",
  # from uniforms
  "runif(9, c(0, 1), c(1, 1, 3))", "rnorm(9, c(1, 2, 3), c(0, 1, 0, 2))", "rexp(500, 1e-3)",
  "rlnorm(50, -2, 3)", "rcauchy(50, 1, 2)", "rlogis(50, 1, 2)", "rweibull(50, 0.4, 2)",
  # samples: powers of two and their neighbours, weights, ties, aliases, hashing
  "sample(1)", "sample(2)", "sample(64)", "sample(65)", "sample(70000, 500)",
  "sample(65536, 500, TRUE)", "sample(65537, 500, TRUE)", "sample(5, 0)",
  "sample.int(4294967296, 200, TRUE)", "sample.int(4e15, 200, TRUE)", "sample.int(1e7 + 1, 200)",
  "sample.int(50, 20, useHash = TRUE)", "sample.int(2e7, 20, useHash = FALSE)",
  "sample(7, 300, TRUE, c(1, 1, 1, 2, 2, 0, 3))", "sample(7, 6, FALSE, c(1, 1, 1, 2, 2, 0, 3))",
  "sample(12, 12, FALSE, rep(1, 12))", "sample(200, 300, TRUE, rep(1, 200))",
  "sample(201, 300, TRUE, rep(1, 201))", "sample(400, 300, TRUE, rep(c(1, 2, 3, 10), 100))",
  "sample(400, 60, FALSE, rep(c(1, 2, 3, 10), 100))",
  # signs of eigenvectors: none special, equal eigenvalues, rank one, a zero among signs
  "mvrnorm(9, c(1, 2, 3), matrix(c(2, 0.7, -0.4, 0.7, 1, 0.3, -0.4, 0.3, 3), 3))",
  "mvrnorm(9, rep(0, 3), matrix(c(1, 0.5, 0.25, 0.5, 1, 0.5, 0.25, 0.5, 1), 3))",
  "mvrnorm(9, rep(0, 4), matrix(c(1, .8, .64, .512, .8, 1, .8, .64, .64, .8, 1, .8, .512, .64, .8, 1), 4))",
  "mvrnorm(9, rep(0, 5), diag(5) * 0.7 + matrix(rep(0.3, 25), 5))",
  "mvrnorm(9, rep(0, 8), diag(8) * 0.5 + matrix(rep(0.5, 64), 8))",
  "mvrnorm(9, rep(0, 3), matrix(c(4, 2, 6, 2, 1, 3, 6, 3, 9), 3))",
  "mvrnorm(9, rep(0, 4), matrix(c(2, 0, 0, 1, 0, 3, 0, 0, 0, 0, 2, 1, 1, 0, 1, 5), 4))",
  "mvrnorm(9, rep(0, 3), diag(3))", "mvrnorm(9, 5, 4)",
  "mvrnorm(9, c(1, 2, 3), matrix(c(2, 0.7, -0.4, 0.7, 1, 0.3, -0.4, 0.3, 3), 3), empirical = TRUE)",
  "rWishart(3, 7.5, matrix(c(2, 0.7, -0.4, 0.7, 1, 0.3, -0.4, 0.3, 3), 3))"
)
seeds <- rep_len(c(20, -7, 2147483647, -2147483647, 1234567), length(calls))
number <- function(x) sprintf("%a", as.double(x))
entries <- mapply(function(seed, call) {
  set.seed(seed)
  drawn <- as.vector(eval(parse(text = call)))
  shown <- if (length(drawn) > 6) c(drawn[1:3], tail(drawn, 3)) else drawn
  shown <- if (length(shown)) paste0('"', number(shown), '"', collapse = ", ") else ""
  sprintf('  {"seed": %d, "call": "%s", "length": %d, "shown": [%s], "next": "%s"}',
          as.integer(seed), call, length(drawn), shown, number(runif(1)))
}, seeds, calls)
writeLines(c("[", paste(entries, collapse = ",\n"), "]"), "from_r.json")
