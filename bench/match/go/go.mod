module merlon/match_bench_go

go 1.22
