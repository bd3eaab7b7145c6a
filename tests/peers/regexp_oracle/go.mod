module merlon/regexp_oracle

go 1.22
