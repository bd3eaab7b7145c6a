#include "packages/version.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/assert.h"
#include "packages/version_schemes.h"

namespace merlon::packages {
namespace {

using enum VersionScheme;

constexpr std::array kRows{
    SchemeRow{kSemver, "semver", write_semver_key, semver_problem, nullptr},
    SchemeRow{kNpm, "npm", write_semver_key, npm_problem, nullptr},
    SchemeRow{kCargo, "cargo", write_semver_key, semver_problem, nullptr},
    SchemeRow{kGo, "go", write_go_key, go_problem, nullptr},
    SchemeRow{kPypi, "pypi", write_pypi_key, pypi_problem, nullptr},
    SchemeRow{kMaven, "maven", write_maven_key, nullptr, compare_maven},
    SchemeRow{kGem, "gem", write_gem_key, gem_problem, nullptr},
    SchemeRow{kComposer, "composer", write_composer_key, nullptr, nullptr},
    SchemeRow{kNuget, "nuget", write_nuget_key, nuget_problem, nullptr},
    SchemeRow{kPub, "pub", write_pub_key, semver_problem, nullptr},
    SchemeRow{kHex, "hex", write_semver_key, semver_problem, nullptr},
    SchemeRow{kHackage, "hackage", write_hackage_key, hackage_problem, nullptr},
    SchemeRow{kCran, "cran", write_cran_key, cran_problem, nullptr},
    SchemeRow{kDpkg, "dpkg", write_dpkg_key, dpkg_problem, nullptr},
    SchemeRow{kRpm, "rpm", write_rpm_key, nullptr, nullptr},
    SchemeRow{kApk, "apk", write_apk_key, apk_problem, nullptr},
    SchemeRow{kAlpm, "alpm", write_alpm_key, nullptr, compare_alpm},
    SchemeRow{kGentoo, "gentoo", write_gentoo_key, gentoo_problem, nullptr},
    SchemeRow{kConan, "conan", write_conan_key, nullptr, compare_conan},
    SchemeRow{kConda, "conda", write_conda_key, conda_problem, nullptr},
    SchemeRow{kOpenssl, "openssl", write_openssl_key, nullptr, nullptr},
    SchemeRow{kNginx, "nginx", write_intdot_key, intdot_problem, nullptr},
    SchemeRow{kIntdot, "intdot", write_intdot_key, intdot_problem, nullptr},
    SchemeRow{kDatetime, "datetime", write_datetime_key, datetime_problem, nullptr},
    SchemeRow{kLexicographic, "lexicographic", write_lexicographic_key, nullptr, nullptr},
};

// Other names for a scheme: the purl types and VERS types that order their versions by it.
struct Alias {
    std::string_view name;
    VersionScheme scheme;
};
constexpr std::array kAliases{
    Alias{"deb", kDpkg},           Alias{"debian", kDpkg},    Alias{"alpine", kApk},
    Alias{"arch", kAlpm},          Alias{"golang", kGo},      Alias{"rubygems", kGem},
    Alias{"packagist", kComposer}, Alias{"php", kComposer},   Alias{"pep440", kPypi},
    Alias{"ebuild", kGentoo},      Alias{"generic", kSemver},
};

std::string key_of(VersionScheme scheme, std::string_view version) {
    std::string key;
    key.reserve(2 * version.size() + 16);
    append_version_key(scheme, version, key);
    return key;
}

std::string_view sign(std::weak_ordering order) { return order < 0 ? "<" : order > 0 ? ">" : "="; }

struct ExplainedKey {
    std::string key;
    std::vector<KeyPiece> pieces;
};

ExplainedKey explained_key(const SchemeRow& row, std::string_view version) {
    ExplainedKey explained;
    KeyWriter writer(explained.key, &explained.pieces);
    row.write_key(version, writer);
    return explained;
}

// "the second number": which of its kind a piece is.
std::string place_of(const std::vector<KeyPiece>& pieces, std::size_t at) {
    constexpr std::array<std::string_view, 5> kPlaces{"first", "second", "third", "fourth",
                                                      "fifth"};
    const auto same = [&](const KeyPiece& piece) { return piece.what == pieces[at].what; };
    const auto before = std::count_if(pieces.begin(), pieces.begin() + static_cast<long>(at), same);
    const auto all = std::count_if(pieces.begin(), pieces.end(), same);
    std::string place = "the ";
    if (all > 1 || before > 0) {
        const auto index = static_cast<std::size_t>(before);
        place +=
            index < kPlaces.size() ? std::string(kPlaces[index]) : std::to_string(index + 1) + "th";
        place += ' ';
    }
    return place.append(pieces[at].what);
}

std::size_t piece_at(const std::vector<KeyPiece>& pieces, std::size_t offset) {
    std::size_t at = 0;
    while (at + 1 < pieces.size() && pieces[at + 1].key_offset <= offset) ++at;
    return at;
}

bool is_end(const KeyPiece& piece) {
    return piece.what.starts_with("end") || piece.what == "release";
}

// A piece beside another: with its kind where the other is of another kind.
std::string shown(const KeyPiece& piece, const KeyPiece& other) {
    if (piece.text.empty()) return std::string(piece.what);
    if (piece.what == other.what || is_end(piece) || is_end(other)) return piece.text;
    return std::string(piece.what) + ' ' + piece.text;
}

}  // namespace

const SchemeRow& scheme_row(VersionScheme scheme) {
    const SchemeRow& row = kRows[static_cast<std::size_t>(scheme)];
    MERLON_ASSERT(row.scheme == scheme);
    return row;
}

std::string_view name(VersionScheme scheme) { return scheme_row(scheme).name; }

std::optional<VersionScheme> parse_version_scheme(std::string_view text) {
    for (const SchemeRow& row : kRows)
        if (row.name == text) return row.scheme;
    for (const Alias& alias : kAliases)
        if (alias.name == text) return alias.scheme;
    return std::nullopt;
}

std::weak_ordering compare_versions(VersionScheme scheme, std::string_view left,
                                    std::string_view right) {
    if (left == right) return std::weak_ordering::equivalent;
    const SchemeRow& row = scheme_row(scheme);
    if (row.compare == nullptr) return key_of(scheme, left) <=> key_of(scheme, right);
    Decision decision;
    return row.compare(left, right, decision);
}

void append_version_key(VersionScheme scheme, std::string_view version, std::string& key) {
    KeyWriter writer(key);
    scheme_row(scheme).write_key(version, writer);
}

bool has_exact_keys(VersionScheme scheme) { return scheme_row(scheme).compare == nullptr; }

std::optional<std::weak_ordering> compare_version_keys(VersionScheme scheme, std::string_view left,
                                                       std::string_view right) {
    if (!has_exact_keys(scheme)) {
        const std::size_t shared = std::min(left.size(), right.size());
        if (left.substr(0, shared) == right.substr(0, shared)) return std::nullopt;
    }
    return left <=> right;
}

bool is_no_version(VersionScheme scheme, std::string_view version) {
    constexpr std::string_view kNeverInside = " \t\r\n$%{}[]()<>|*#@?=,;\"'`\\";
    constexpr std::string_view kDigits = "0123456789";
    if (version.find_first_of(kNeverInside) != std::string_view::npos) return true;
    if (version.starts_with('^') || version.starts_with('~')) return true;
    if (version.find_first_of(kDigits) != std::string_view::npos) return false;
    // "Finchley.RELEASE" is a version of Maven's; a branch is one of Composer's.
    if (scheme == kMaven) return version == "LATEST" || version == "RELEASE";
    return scheme != kComposer || !version.starts_with("dev-");
}

std::optional<std::string> parse_problem(VersionScheme scheme, std::string_view version) {
    const SchemeRow& row = scheme_row(scheme);
    if (row.problem == nullptr) return std::nullopt;
    const std::string_view problem = row.problem(version);
    if (problem.empty()) return std::nullopt;
    return std::string(row.name) + " does not take " + std::string(version) + ": " +
           std::string(problem);
}

std::string explain_comparison(VersionScheme scheme, std::string_view left,
                               std::string_view right) {
    const SchemeRow& row = scheme_row(scheme);
    const std::weak_ordering order = compare_versions(scheme, left, right);
    std::string text = std::string(left).append(" ").append(sign(order)).append(" ").append(right);
    if (left == right) return text + ": the same text";
    if (order == 0) return text + ": nothing in which they differ counts";
    const auto finish = [&](std::string_view what, std::string_view l, std::string_view r) {
        return text.append(": ")
            .append(what)
            .append(", ")
            .append(l)
            .append(" ")
            .append(sign(order))
            .append(" ")
            .append(r);
    };
    if (row.compare != nullptr) {
        Decision decision;
        (void)row.compare(left, right, decision);
        return finish(decision.what, decision.left, decision.right);
    }
    const ExplainedKey l = explained_key(row, left);
    const ExplainedKey r = explained_key(row, right);
    const auto [l_at, r_at] = std::mismatch(l.key.begin(), l.key.end(), r.key.begin(), r.key.end());
    const auto offset = static_cast<std::size_t>(l_at - l.key.begin());
    (void)r_at;
    const std::size_t l_index = piece_at(l.pieces, offset);
    const std::size_t r_index = piece_at(r.pieces, offset);
    const KeyPiece& l_piece = l.pieces[l_index];
    const KeyPiece& r_piece = r.pieces[r_index];
    return finish(is_end(l_piece) ? place_of(r.pieces, r_index) : place_of(l.pieces, l_index),
                  shown(l_piece, r_piece), shown(r_piece, l_piece));
}

}  // namespace merlon::packages
