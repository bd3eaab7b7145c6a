#include "templates/go_path.h"
#include "templates/template_arguments.h"

namespace merlon::templates {
namespace {

std::string base_of(std::string_view path) {
    if (path.empty()) return ".";
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    if (path == "/") return "/";
    return std::string(path.substr(path.rfind('/') + 1));
}

std::string folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return clean_path(
        std::string(slash == std::string_view::npos ? "" : path.substr(0, slash + 1)));
}

std::string extension_of(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos ? std::string() : std::string(name.substr(dot));
}

constexpr TemplateFunction kPathsFunctions[] = {
    {"base", 1, 1, "s", [](Arguments in) -> Answer { return given(base_of(text_of(in[0]))); }},
    {"clean", 1, 1, "s", [](Arguments in) -> Answer { return given(clean_path(text_of(in[0]))); }},
    {"dir", 1, 1, "s", [](Arguments in) -> Answer { return given(folder_of(text_of(in[0]))); }},
    {"ext", 1, 1, "s", [](Arguments in) -> Answer { return given(extension_of(text_of(in[0]))); }},
    {"isAbs", 1, 1, "s",
     [](Arguments in) -> Answer { return given(text_of(in[0]).starts_with('/')); }},
};

}  // namespace

std::span<const TemplateFunction> path_functions() { return kPathsFunctions; }

}  // namespace merlon::templates
