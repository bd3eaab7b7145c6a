#include "compat/gitleaks/template.h"

namespace merlon::compat::gitleaks {

struct Template::Node {
    std::string text;
};

Result<Template> Template::parse(std::string_view text) {
    const std::size_t action = text.find("{{");
    if (action != std::string_view::npos)
        return Error{"template: actions are not supported by this version", action};
    Template parsed;
    parsed.root_ = std::make_shared<const Node>(Node{std::string(text)});
    return parsed;
}

Result<std::string> Template::render(std::span<const Row>) const { return root_->text; }

}  // namespace merlon::compat::gitleaks
