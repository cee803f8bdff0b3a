module example/bench
