"""nestling beside its peers: named problems, one adapter per engine, all in one run."""
