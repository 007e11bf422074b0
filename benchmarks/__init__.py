"""The benchmarks: what it costs to run documentation, with this project's tool and with others."""
