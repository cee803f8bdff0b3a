module understory/bench

go 1.26.0

require understory v0.0.0

replace understory => ../
