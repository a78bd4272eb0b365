"""Study files that tests change."""

STUDY = """\
title = "Schools"
seed = 707

[model]
formula = "y ~ Z + X + (1 | school)"
residual = 1

[fixed]
"(Intercept)" = 2
Z = "d(0.5)"
X = 0.3

[random]
school = "icc(0.15)"

[predictors]
Z = "bernoulli(0.5, level='school')"
X = "normal(0, 1)"

[design]
school = 12
pupil = 5

[simulate]
components = true

[power]
n_sims = 20
predictors = "fixed"

[curve]
along = { school = [6, 12] }
n_sims = 20
predictors = "fixed"

[search]
sizes = { school = [6, 20] }
effect = "X"
n_sims = 20
predictors = "fixed"
"""
LEVELS = '''\
[model]
residual = 3
levels = """
Level 1 (ID):      y  = b0 + b1*X + e
Level 2 (Cluster): b0 = g00 + u0
                   b1 = g10 + u1
"""
[fixed]
g00 = 2
g10 = 5
[random]
u0 = 5
u1 = 3
[predictors]
X = "normal(0, 1)"
[design]
Cluster = 4
ID = 3
'''
