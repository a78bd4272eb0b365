"""From sufficient statistics to the optimum."""
