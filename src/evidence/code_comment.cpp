#include "evidence/code_comment.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "base/ascii.h"

namespace merlon::evidence {
namespace {

enum Marks : std::uint8_t {
    kSlashes = 1,  // "//", "/* */"
    kHash = 2,
    kDashes = 4,
    kStars = 8,  // "/* */" alone
};

struct Language {
    std::string_view ending;  // of the file's name, or all of it
    std::uint8_t marks;
};
constexpr std::array kLanguages = std::to_array<Language>({
    {".c", kSlashes},
    {".cc", kSlashes},
    {".cpp", kSlashes},
    {".cxx", kSlashes},
    {".h", kSlashes},
    {".hh", kSlashes},
    {".hpp", kSlashes},
    {".m", kSlashes},
    {".mm", kSlashes},
    {".cs", kSlashes},
    {".java", kSlashes},
    {".kt", kSlashes},
    {".kts", kSlashes},
    {".scala", kSlashes},
    {".groovy", kSlashes},
    {".gradle", kSlashes},
    {".swift", kSlashes},
    {".go", kSlashes},
    {".rs", kSlashes},
    {".js", kSlashes},
    {".jsx", kSlashes},
    {".mjs", kSlashes},
    {".cjs", kSlashes},
    {".ts", kSlashes},
    {".tsx", kSlashes},
    {".mts", kSlashes},
    {".cts", kSlashes},
    {".dart", kSlashes},
    {".sol", kSlashes},
    {".proto", kSlashes},
    {".scss", kSlashes},
    {".bicep", kSlashes},
    {".php", kSlashes | kHash},
    {".tf", kSlashes | kHash},
    {".tfvars", kSlashes | kHash},
    {".hcl", kSlashes | kHash},
    {".css", kStars},
    {".sql", kDashes | kStars},
    {".lua", kDashes},
    {".hs", kDashes},
    {".py", kHash},
    {".pyi", kHash},
    {".rb", kHash},
    {".sh", kHash},
    {".bash", kHash},
    {".zsh", kHash},
    {".ps1", kHash},
    {".pl", kHash},
    {".pm", kHash},
    {".r", kHash},
    {".jl", kHash},
    {".ex", kHash},
    {".exs", kHash},
    {".rego", kHash},
    {".yml", kHash},
    {".yaml", kHash},
    {".toml", kHash},
    {".cmake", kHash},
    {".mk", kHash},
    {".nix", kHash},
    {"makefile", kHash},
    {"gemfile", kHash},
    {"rakefile", kHash},
    {"jenkinsfile", kSlashes},
});

std::uint8_t marks_of(std::string_view path) {
    const std::string_view file = path.substr(path.rfind('/') + 1);
    const std::size_t dot = file.rfind('.');
    const std::string ending = lower_case(dot == std::string_view::npos ? file : file.substr(dot));
    const auto found = std::ranges::find(kLanguages, ending, &Language::ending);
    return found == kLanguages.end() ? std::uint8_t{0} : found->marks;
}

// How values are put into texts: what has one is no comment.
constexpr std::array<std::string_view, 6> kInterpolations{"#{", "${", "{{", "<?", "?>", "<%"};

bool puts_a_value_in(std::string_view text) {
    return std::ranges::any_of(kInterpolations,
                               [=](std::string_view mark) { return text.contains(mark); });
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// Whether a comment to the end of the line begins with `rest`; `before` is what stands in front.
bool begins_comment(std::string_view rest, char before, std::uint8_t marks) {
    const auto ends_line = [&] {
        const std::size_t end = rest.find("*/", 2);
        return end != std::string_view::npos && std::ranges::all_of(rest.substr(end + 2), is_blank);
    };
    if (puts_a_value_in(rest)) return false;
    // "https://" is no comment, nor are "$#", "a--", PHP's "#[A]".
    if ((marks & kSlashes) != 0 && rest.starts_with("//")) return before != ':';
    if ((marks & (kSlashes | kStars)) != 0 && rest.starts_with("/*")) return ends_line();
    if ((marks & kHash) != 0 && rest.starts_with('#'))
        return is_blank(before) && !rest.starts_with("#[");
    return (marks & kDashes) != 0 && rest.starts_with("--") && is_blank(before);
}

}  // namespace

std::string_view without_comment(std::string_view line, std::string_view path) {
    const std::uint8_t marks = marks_of(path);
    if (marks == 0) return line;
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote != '\0') {
            if (c == '\\')
                ++i;
            else if (c == quote)
                quote = '\0';
        } else if (c == '"' || c == '\'' || c == '`') {
            quote = c;
        } else if (begins_comment(line.substr(i), i == 0 ? ' ' : line[i - 1], marks)) {
            std::string_view code = line.substr(0, i);
            while (!code.empty() && is_blank(code.back())) code.remove_suffix(1);
            return code.find_first_not_of(" \t") == std::string_view::npos ? line : code;
        }
    }
    return line;
}

}  // namespace merlon::evidence
