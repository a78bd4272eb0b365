# Serves one job with lme4: the same lines in and out as benchmarks/worker.py.
suppressWarnings(suppressMessages(library(lme4)))
arguments <- commandArgs(TRUE)
folder <- arguments[1]

# The job is written by Python's json: a few flat fields are all that is needed here.
text <- paste(readLines(file.path(folder, "job.json"), warn = FALSE), collapse = "")
field <- function(name, pattern) sub(paste0(".*\"", name, "\": ", pattern, ".*"), "\\1", text)
task <- field("task", "\"([^\"]*)\"")
model <- as.formula(field("formula", "\"([^\"]*)\""))
n <- as.integer(field("n", "([0-9]+)"))
budget <- as.numeric(field("budget", "([0-9.]+)"))
listed <- strsplit(gsub("[\"{} ]", "", field("columns", "(\\{[^}]*\\})")), ",")[[1]]
column <- function(entry) {
  part <- strsplit(entry, ":")[[1]]
  path <- file.path(folder, part[1])
  if (part[2] == "<f8") readBin(path, "double", n) else readBin(path, "integer", n)
}
data <- as.data.frame(setNames(lapply(listed, column), sub(":.*", "", listed)))

now <- function() as.numeric(Sys.time())
options(warn = -1)
study <- task == "power"
if (study) suppressWarnings(suppressMessages(library(lmerTest)))
fit <- if (study || task %in% c("refit", "profile")) suppressMessages(lmer(model, data))
responses <- if (task == "refit") matrix(readBin(file.path(folder, "responses"), "double", 1e8), n)
numbers <- function(x) paste0("[", paste(format(x, digits = 15), collapse = ","), "]")
reply <- function(seconds, fitted, beta = fixef(fitted), done = 1) {
  criterion <- if (is.null(fitted)) "null" else format(REMLcrit(fitted), digits = 15)
  peak <- sub(".*?([0-9]+) kB", "\\1", grep("VmHWM", readLines("/proc/self/status"), value = TRUE))
  cat(sprintf("\n@{\"seconds\": %.7f, \"peak\": %.1f, \"criterion\": %s, \"beta\": %s, \"done\": %d}\n",
              seconds, as.numeric(peak) / 1024, criterion, numbers(beta), done))
  flush(stdout())
}
answer <- function() {
  if (task == "matrices") {
    parts <- lFormula(model, data)
    begin <- now()
    deviance <- do.call(mkLmerDevfun, parts)
    found <- optimizeLmer(deviance)
    seconds <- now() - begin
    reply(seconds, mkMerMod(environment(deviance), found, parts$reTrms, parts$fr))
  } else if (task == "refit") {
    begin <- now()
    for (done in seq_len(ncol(responses))) {
      again <- refit(fit, responses[, done])
      if (done == 1) first <- again
      if (now() - begin > budget) break
    }
    # lme4 1.1-31 puts 1 for the number of fixed effects into the REML criterion of refit().
    reply(now() - begin, NULL, fixef(first), done)
  } else if (study) {
    # new responses for the same predictors, as simr draws them; Satterthwaite tests of all effects
    begin <- now()
    done <- 0
    while (now() - begin <= budget) {
      data$y <- simulate(fit)[[1]]
      tests <- coef(summary(suppressMessages(lmerTest::lmer(model, data))))
      done <- done + 1
    }
    reply(now() - begin, NULL, numeric(0), done)
  } else if (task == "profile") {
    begin <- now()
    limits <- suppressMessages(confint(fit, method = "profile", oldNames = FALSE, quiet = TRUE))
    reply(now() - begin, NULL, limits["sigma", ])
  } else {
    begin <- now()
    fitted <- suppressMessages(lmer(model, data))
    reply(now() - begin, fitted)
  }
}
if (length(arguments) > 1) {
  answer()
} else {
  input <- file("stdin", "r")
  while (length(readLines(input, 1)) > 0) answer()
}
