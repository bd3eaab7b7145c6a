#include "sca/cpe_match.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "base/ascii.h"

namespace merlon::sca {
namespace {

using exchange::CpeConfiguration;
using exchange::CpeMatch;
using exchange::CpeNode;
using exchange::CpeOperator;
using packages::CpeAttribute;
using packages::CpeName;
using packages::CpeRelation;
using packages::CpeValue;

constexpr std::string_view kFirst = "0";

// Systems by their CPE names, and ID of os-release.
struct SystemRow {
    std::string_view key;
    std::string_view distribution;
};
constexpr std::array kSystems{
    SystemRow{"o:debian:debian_linux", "debian"},
    SystemRow{"o:canonical:ubuntu_linux", "ubuntu"},
    SystemRow{"o:fedoraproject:fedora", "fedora"},
    SystemRow{"o:redhat:enterprise_linux", "rhel"},
    SystemRow{"o:centos:centos", "centos"},
    SystemRow{"o:oracle:linux", "ol"},
    SystemRow{"o:alpinelinux:alpine_linux", "alpine"},
    SystemRow{"o:opensuse:leap", "opensuse-leap"},
    SystemRow{"o:suse:linux_enterprise_server", "sles"},
    SystemRow{"o:rocky:linux", "rocky"},
    SystemRow{"o:almalinux:almalinux", "almalinux"},
    SystemRow{"o:archlinux:arch_linux", "arch"},
    SystemRow{"o:gentoo:linux", "gentoo"},
};
constexpr std::string_view kLinux = "o:linux:linux_kernel";
// Makers of systems that are no Linux distribution.
constexpr std::array<std::string_view, 6> kOtherSystems{
    "o:microsoft:", "o:apple:", "o:freebsd:", "o:openbsd:", "o:netbsd:", "o:google:android"};
// What target_sw calls the systems that a program is built for.
constexpr std::array<std::string_view, 3> kLinuxTargets{"linux", "linux_kernel", "unix"};
constexpr std::array<std::string_view, 8> kOtherTargets{
    "windows", "macos", "mac_os_x", "android", "iphone_os", "ipados", "freebsd", "tvos"};

CpeTruth operator!(CpeTruth truth) {
    return static_cast<CpeTruth>(static_cast<int>(CpeTruth::kYes) - static_cast<int>(truth));
}
CpeTruth truth_of(bool is_true) { return is_true ? CpeTruth::kYes : CpeTruth::kNo; }

std::string key_of(const CpeName& name) {
    std::string key;
    for (const auto attribute :
         {CpeAttribute::kPart, CpeAttribute::kVendor, CpeAttribute::kProduct}) {
        const CpeValue& value = name[attribute];
        if (!value.is_literal()) return {};
        if (!key.empty()) key += ':';
        key += value.text;
    }
    return key;
}

bool has_bounds(const CpeMatch& match) {
    return !match.start_including.empty() || !match.start_excluding.empty() ||
           !match.end_including.empty() || !match.end_excluding.empty();
}

std::weak_ordering order(std::string_view left, std::string_view right) {
    return packages::compare_versions(kCpeScheme, left, right);
}

bool is_in_bounds(const CpeMatch& match, std::string_view version) {
    return (match.start_including.empty() || order(version, match.start_including) >= 0) &&
           (match.start_excluding.empty() || order(version, match.start_excluding) > 0) &&
           (match.end_including.empty() || order(version, match.end_including) <= 0) &&
           (match.end_excluding.empty() || order(version, match.end_excluding) < 0);
}

// "8.2.0RC1" as "8.2.0" and "rc1": NVD states what comes before a release, and patch levels, apart.
std::pair<std::string, std::string> split_update(std::string_view version) {
    // As versions write it, and as NVD does; a letter alone is a version of its own (1.1.1p).
    constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kUpdates{{
        {"alpha", "alpha"},
        {"beta", "beta"},
        {"rc", "rc"},
        {"pre", "pre"},
        {"update", "update"},
        {"a", "alpha"},
        {"b", "beta"},
        {"p", "p"},
    }};
    const std::string lower = lower_case(version);
    const std::size_t letter = lower.find_first_not_of("0123456789.");
    if (letter == 0 || letter == std::string::npos) return {lower, ""};
    std::string_view rest = std::string_view(lower).substr(letter);
    if (rest.starts_with('-') || rest.starts_with('_') || rest.starts_with('+')) {
        rest.remove_prefix(1);
    }
    for (const auto& [word, update] : kUpdates) {
        if (!rest.starts_with(word)) continue;
        const std::string_view number = rest.substr(word.size());
        if (number.find_first_not_of("0123456789.") != std::string_view::npos) continue;
        if (number.empty() && word.size() == 1) continue;
        std::string_view release = std::string_view(lower).substr(0, letter);
        while (release.ends_with('.')) release.remove_suffix(1);
        return {std::string(release), std::string(update) + std::string(number)};
    }
    return {lower, ""};
}

// How the version stands to a criterion, and how its update.
CpeTruth test_version(const CpeMatch& match, const CpeName& name, const CpeSubject& subject) {
    const CpeValue& version = name[CpeAttribute::kVersion];
    const CpeValue& update = name[CpeAttribute::kUpdate];
    const bool is_any = version.kind == CpeValue::Kind::kAny;
    if (subject.version.empty()) {
        return is_any && !has_bounds(match) ? CpeTruth::kYes : CpeTruth::kUnknown;
    }
    if (has_bounds(match)) {
        return truth_of(is_in_bounds(match, subject.whole_version()));
    }
    if (is_any) return CpeTruth::kYes;
    if (version.kind == CpeValue::Kind::kNotApplicable) return CpeTruth::kNo;
    const CpeValue own{CpeValue::Kind::kText, subject.version, 0, 0};
    // Some write both into the version: "8.2.0rc1".
    if (version.is_literal() && update.kind != CpeValue::Kind::kText &&
        order(version.text, subject.whole_version()) == 0) {
        return CpeTruth::kYes;
    }
    const CpeRelation relation = packages::compare(version, own);
    const bool is_version = relation == CpeRelation::kEqual || relation == CpeRelation::kSuperset ||
                            (version.is_literal() && order(version.text, subject.version) == 0);
    if (!is_version) return CpeTruth::kNo;
    // A name without an update is of the release itself.
    if (update.kind == CpeValue::Kind::kAny) return CpeTruth::kYes;
    if (update.kind == CpeValue::Kind::kNotApplicable) return truth_of(subject.update.empty());
    const CpeRelation updates =
        packages::compare(update, CpeValue{CpeValue::Kind::kText, subject.update, 0, 0});
    return truth_of(!subject.update.empty() && updates != CpeRelation::kDisjoint);
}

bool is_one_of(std::span<const std::string_view> words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

// What a program is built for, where its own name does not say.
CpeTruth test_target(const CpeValue& wanted, const CpeSubject& subject) {
    const bool is_linux = is_one_of(kLinuxTargets, wanted.text);
    if (!is_linux && !is_one_of(kOtherTargets, wanted.text)) {
        // Software for another program ("wordpress", "node.js"): that one's ecosystem has it.
        return CpeTruth::kNo;
    }
    return subject.distribution.id.empty() ? CpeTruth::kUnknown : truth_of(is_linux);
}

// Editions, languages and targets.
CpeTruth test_rest(const CpeName& name, const CpeSubject& subject) {
    CpeTruth truth = CpeTruth::kYes;
    for (const auto attribute :
         {CpeAttribute::kEdition, CpeAttribute::kLanguage, CpeAttribute::kSoftwareEdition,
          CpeAttribute::kTargetSoftware, CpeAttribute::kTargetHardware, CpeAttribute::kOther}) {
        const CpeValue& wanted = name[attribute];
        const CpeRelation relation = packages::compare(wanted, subject.name[attribute]);
        CpeTruth one = truth_of(relation != CpeRelation::kDisjoint);
        if (relation == CpeRelation::kSubset) {
            const bool is_target = attribute == CpeAttribute::kTargetSoftware;
            // What is "not applicable" to the criterion asks for nothing.
            one = wanted.kind == CpeValue::Kind::kNotApplicable ? CpeTruth::kYes
                  : is_target                                   ? test_target(wanted, subject)
                                                                : CpeTruth::kUnknown;
        }
        truth = std::min(truth, one);
    }
    return truth;
}

// What else a configuration asks for: a system, a device, another program.
CpeTruth test_environment(const CpeMatch& match, const CpeName& name, const CpeSubject& subject) {
    const std::string key = key_of(name);
    if (!key.starts_with("o:") || subject.distribution.id.empty()) return CpeTruth::kUnknown;
    if (key == kLinux) {
        const bool is_any =
            !has_bounds(match) && name[CpeAttribute::kVersion].kind != CpeValue::Kind::kText;
        return is_any ? CpeTruth::kYes : CpeTruth::kUnknown;
    }
    if (std::ranges::any_of(kOtherSystems, [&](auto prefix) { return key.starts_with(prefix); })) {
        return CpeTruth::kNo;
    }
    const auto* const row = std::ranges::find(kSystems, key, &SystemRow::key);
    if (row == kSystems.end()) return CpeTruth::kUnknown;
    if (row->distribution != subject.distribution.id) return CpeTruth::kNo;
    const CpeValue& version = name[CpeAttribute::kVersion];
    if (has_bounds(match)) {
        return truth_of(is_in_bounds(match, subject.distribution.version));
    }
    return truth_of(!version.is_literal() ||
                    order(version.text, subject.distribution.version) == 0);
}

// "cpe:2.3:… from 1, before 2".
std::string describe(const CpeMatch& match) {
    std::string out = match.criteria;
    const std::array<std::pair<std::string_view, const std::string*>, 4> bounds{{
        {" from ", &match.start_including},
        {" after ", &match.start_excluding},
        {" up to ", &match.end_including},
        {" before ", &match.end_excluding},
    }};
    for (const auto& [word, bound] : bounds) {
        if (!bound->empty()) out.append(word).append(*bound);
    }
    return out;
}

std::string compared(const CpeMatch& match, const CpeName& name, const CpeSubject& subject) {
    std::string out;
    const std::string version = subject.whole_version();
    const auto add = [&](std::string_view bound) {
        if (bound.empty()) return;
        const auto relation = order(version, bound);
        out += (out.empty() ? " (" : ", ") + version +
               (relation < 0   ? " < "
                : relation > 0 ? " > "
                               : " = ") +
               std::string(bound);
    };
    for (const std::string* bound : {&match.start_including, &match.start_excluding,
                                     &match.end_including, &match.end_excluding}) {
        add(*bound);
    }
    if (!has_bounds(match) && name[CpeAttribute::kVersion].is_literal()) {
        add(name[CpeAttribute::kVersion].text);
    }
    return out.empty() ? out : out + ")";
}

// One configuration, for one program.
class Evaluation {
  public:
    explicit Evaluation(const CpeSubject& subject) : subject_(subject) {}

    CpeAnswer answer(const CpeConfiguration& configuration) {
        CpeTruth all = CpeTruth::kYes;
        CpeTruth any = CpeTruth::kNo;
        for (const CpeNode& node : configuration.nodes) {
            const bool is_own = names_subject(node);
            // Of alternatives, those about other products are other products' business.
            if (!is_own && configuration.operation == CpeOperator::kOr) continue;
            const CpeTruth truth = test(node, is_own);
            all = std::min(all, truth);
            any = std::max(any, truth);
        }
        CpeTruth truth = configuration.operation == CpeOperator::kAnd ? all : any;
        if (configuration.is_negated) truth = !truth;
        if (!is_named_) truth = CpeTruth::kNo;
        if (truth == CpeTruth::kNo) because_.clear();
        return {truth, std::move(because_)};
    }

  private:
    static constexpr std::size_t kMostLines = 20;

    bool is_subject(const CpeMatch& match) const {
        const auto name = packages::parse_cpe(match.criteria);
        return match.is_vulnerable && name.ok() && key_of(name.value()) == subject_.key;
    }
    bool names_subject(const CpeNode& node) const {
        return std::ranges::any_of(node.matches,
                                   [this](const CpeMatch& match) { return is_subject(match); });
    }

    CpeTruth test(const CpeNode& node, bool is_own) {
        CpeTruth all = CpeTruth::kYes;
        CpeTruth any = CpeTruth::kNo;
        for (const CpeMatch& match : node.matches) {
            const auto name = packages::parse_cpe(match.criteria);
            const bool is_self = name.ok() && key_of(name.value()) == subject_.key;
            if (is_own && !is_self && node.operation == CpeOperator::kOr) continue;
            CpeTruth truth = CpeTruth::kUnknown;  // of a name that cannot be read
            if (is_self) {
                truth = std::min(test_version(match, name.value(), subject_),
                                 test_rest(name.value(), subject_));
                const CpeTruth never = node.is_negated ? CpeTruth::kYes : CpeTruth::kNo;
                is_named_ = is_named_ || (match.is_vulnerable && truth != never);
            } else if (name.ok()) {
                truth = test_environment(match, name.value(), subject_);
            }
            all = std::min(all, truth);
            any = std::max(any, truth);
            if (truth != CpeTruth::kNo || node.is_negated) note(node, match, is_self, truth);
        }
        const CpeTruth truth = node.operation == CpeOperator::kAnd ? all : any;
        return node.is_negated ? !truth : truth;
    }

    void note(const CpeNode& node, const CpeMatch& match, bool is_self, CpeTruth truth) {
        if (because_.size() >= kMostLines) return;
        constexpr std::array<std::string_view, 3> kWords{": no", ": not known", ""};
        const auto name = packages::parse_cpe(match.criteria);
        because_.push_back((node.is_negated ? "not "
                            : is_self       ? ""
                                            : "with ") +
                           describe(match) +
                           (is_self && name.ok() ? compared(match, name.value(), subject_) : "") +
                           std::string(kWords[static_cast<std::size_t>(truth)]));
    }

    const CpeSubject& subject_;
    std::vector<std::string> because_;
    bool is_named_ = false;  // a vulnerable criterion of the program itself may hold
};

// The events of one criterion; none: no version that is known can be it.
void add_events(const CpeMatch& match, const CpeName& name, std::vector<DraftEvent>& events) {
    const CpeValue& version = name[CpeAttribute::kVersion];
    if (!has_bounds(match) && version.kind == CpeValue::Kind::kNotApplicable) return;
    if (!has_bounds(match) && version.is_literal()) {
        events.push_back({EventKind::kExact, version.text});
        return;
    }
    const std::string& start =
        match.start_including.empty() ? match.start_excluding : match.start_including;
    events.push_back({});
    events.push_back({EventKind::kIntroduced, start.empty() ? std::string(kFirst) : start});
    if (!match.end_excluding.empty()) {
        events.push_back({EventKind::kFixed, match.end_excluding});
    } else if (!match.end_including.empty()) {
        events.push_back({EventKind::kLastAffected, match.end_including});
    }
}

}  // namespace

Result<std::optional<CpeSubject>> cpe_subject_of(const packages::Package& package) {
    if (package.cpe.empty()) return std::optional<CpeSubject>();
    CpeSubject subject;
    subject.name = MERLON_TRY(packages::parse_cpe(package.cpe));
    subject.key = key_of(subject.name);
    if (subject.key.empty()) {
        return Error{package.cpe + " names no product: expected a part, a vendor and a product"};
    }
    const CpeValue& version = subject.name[CpeAttribute::kVersion];
    const bool is_stated = version.is_literal();
    std::tie(subject.version, subject.update) =
        split_update(is_stated ? version.text : package.version);
    const CpeValue& update = subject.name[CpeAttribute::kUpdate];
    if (is_stated && update.is_literal()) subject.update = update.text;
    subject.distribution = package.distribution;
    return std::optional(std::move(subject));
}

CpeAnswer answer_cpe(std::span<const CpeConfiguration> configurations, const CpeSubject& subject) {
    CpeAnswer best;
    for (const CpeConfiguration& configuration : configurations) {
        CpeAnswer answer = Evaluation(subject).answer(configuration);
        if (answer.truth > best.truth) best = std::move(answer);
        if (best.truth == CpeTruth::kYes) break;
    }
    return best;
}

void add_cpe_rows(std::span<const CpeConfiguration> configurations, Draft& draft) {
    std::map<std::string, std::vector<DraftEvent>> rows;
    for (const CpeConfiguration& configuration : configurations) {
        for (const CpeNode& node : configuration.nodes) {
            for (const CpeMatch& match : node.matches) {
                if (!match.is_vulnerable) continue;
                const auto name = packages::parse_cpe(match.criteria);
                const std::string key = name.ok() ? key_of(name.value()) : std::string();
                if (key.empty()) {
                    ++draft.without_versions;
                    continue;
                }
                std::vector<DraftEvent>& events = rows[key];
                if (configuration.is_negated || node.is_negated) {
                    events.push_back({});
                    events.push_back({EventKind::kIntroduced, std::string(kFirst)});
                } else {
                    add_events(match, name.value(), events);
                }
            }
        }
    }
    for (auto& [key, events] : rows) {
        if (events.empty()) {
            ++draft.without_versions;
            continue;
        }
        DraftAffected affected;
        affected.ecosystem = packages::Ecosystem::kGeneric;
        affected.scheme = kCpeScheme;
        affected.base = kCpeEcosystem;
        affected.name = key;
        affected.events = std::move(events);
        draft.affected.push_back(std::move(affected));
    }
}

}  // namespace merlon::sca
