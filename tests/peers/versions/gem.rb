# Compares versions as RubyGems does: lines "A<tab>B" in, < = > or ? out.
STDIN.each_line do |line|
  a, b = line.chomp("\n").split("\t", -1)
  begin
    puts({ -1 => "<", 0 => "=", 1 => ">" }[Gem::Version.new(a) <=> Gem::Version.new(b)])
  rescue ArgumentError
    puts "?"
  end
end
