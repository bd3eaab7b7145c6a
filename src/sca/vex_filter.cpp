#include "sca/vex_filter.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "packages/package_url.h"

namespace merlon::sca {
namespace {

using packages::PackageUrl;

// Whether `stated` is about `url`: a version or qualifier that it does not state is any.
bool covers(const PackageUrl& stated, const PackageUrl& url) {
    if (stated.type != url.type || stated.name_space != url.name_space || stated.name != url.name) {
        return false;
    }
    if (!stated.version.empty() && stated.version != url.version) return false;
    return std::ranges::all_of(stated.qualifiers, [&](const auto& qualifier) {
        return url.qualifier(qualifier.first) == qualifier.second;
    });
}

bool names(std::string_view text, const PackageUrl& url) {
    if (!text.starts_with("pkg:")) return false;
    const auto stated = packages::parse_package_url(text);
    return stated.ok() && covers(stated.value(), url);
}

bool names_any(const std::vector<std::string>& texts, const PackageUrl& url) {
    return std::ranges::any_of(texts, [&](const std::string& text) { return names(text, url); });
}

class Filter {
  public:
    Filter(std::span<const exchange::VexDocument> documents, std::span<const std::string> scanned) {
        for (const std::string& text : scanned) {
            auto url = packages::parse_package_url(text);
            if (url.ok()) scanned_.push_back(std::move(url).value());
        }
        for (const exchange::VexDocument& document : documents) {
            for (const exchange::VexStatement& statement : document.statements) {
                for (const std::string& id : statement.ids) {
                    by_id_[id].push_back({&document, &statement});
                }
            }
        }
    }

    std::optional<VexVerdict> verdict(const Match& match, const PackageUrl& url) const {
        const exchange::VexStatement* last = nullptr;
        const exchange::VexDocument* holder = nullptr;
        for (const auto* ids : {&match.ids, &match.upstream}) {
            for (const std::string& id : *ids) {
                const auto found = by_id_.find(id);
                if (found == by_id_.end()) continue;
                for (const auto& [document, statement] : found->second) {
                    if (last != nullptr && statement->time < last->time) continue;
                    if (!applies(*statement, url)) continue;
                    last = statement;
                    holder = document;
                }
            }
        }
        if (last == nullptr) return std::nullopt;
        return VexVerdict{last->status, last->justification, last->explanation, holder->id};
    }

  private:
    struct Said {
        const exchange::VexDocument* document;
        const exchange::VexStatement* statement;
    };

    bool applies(const exchange::VexStatement& statement, const PackageUrl& url) const {
        return std::ranges::any_of(statement.products, [&](const exchange::VexProduct& product) {
            if (product.components.empty()) {
                return names(product.id, url) || names_any(product.identifiers, url);
            }
            if (!names_any(product.components, url)) return false;
            return std::ranges::any_of(scanned_, [&](const PackageUrl& whole) {
                return names(product.id, whole) || names_any(product.identifiers, whole);
            });
        });
    }

    std::vector<PackageUrl> scanned_;
    std::map<std::string, std::vector<Said>, std::less<>> by_id_;
};

}  // namespace

std::vector<std::optional<VexVerdict>> apply_vex(std::span<const Match> matches,
                                                 std::span<const packages::Package> packages,
                                                 std::span<const exchange::VexDocument> documents,
                                                 std::span<const std::string> scanned) {
    const Filter filter(documents, scanned);
    std::vector<std::optional<VexVerdict>> verdicts;
    for (const Match& match : matches) {
        verdicts.emplace_back();
        if (match.package >= packages.size()) continue;
        const auto url = packages::package_url_of(packages[match.package]);
        if (url.ok()) verdicts.back() = filter.verdict(match, url.value());
    }
    return verdicts;
}

}  // namespace merlon::sca
