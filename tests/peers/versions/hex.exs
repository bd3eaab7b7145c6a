# Compares versions with Elixir's Version: lines "A<tab>B" in, < = > or ? out.
signs = %{lt: "<", eq: "=", gt: ">"}

IO.stream(:stdio, :line)
|> Stream.map(fn line ->
  [left, right] = line |> String.trim_trailing("\n") |> String.split("\t")

  with {:ok, a} <- Version.parse(left), {:ok, b} <- Version.parse(right) do
    [signs[Version.compare(a, b)], "\n"]
  else
    :error -> "?\n"
  end
end)
|> Stream.chunk_every(1000)
|> Enum.each(&IO.write/1)
