module nairimock

go 1.19
