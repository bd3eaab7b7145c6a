// Java archives: jar, war, ear and their like, one inside another. What Maven put in
// (META-INF/maven/…/pom.properties) goes before the manifest (JAR File Specification, main section)
// and that before the file's name.

#include "inventory/jar.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "crypto/digest.h"
#include "inventory/distinct_texts.h"
#include "inventory/headers.h"
#include "inventory/readers.h"
#include "packages/license_alias.h"
#include "packages/license_text.h"
#include "text/archive.h"
#include "text/archive_outlet.h"
#include "text/zip_directory.h"

namespace merlon::inventory {
namespace {

using packages::Package;

constexpr std::array<std::string_view, 10> kEndings = {".jar", ".war", ".ear", ".par", ".sar",
                                                       ".nar", ".jpi", ".hpi", ".kar", ".lpkg"};

std::string_view ending_of(std::string_view name) {
    for (const std::string_view ending : kEndings) {
        if (name.size() < ending.size()) continue;
        const std::string_view end = name.substr(name.size() - ending.size());
        const auto same = [](char left, char right) {
            return left == right || (left | 0x20) == right;
        };
        if (std::equal(end.begin(), end.end(), ending.begin(), same)) return ending;
    }
    return {};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// One archive's own words.
struct JarWords {
    std::vector<std::array<std::string, 3>> maven;  // group, artifact, version
    std::vector<std::pair<std::string, std::string>> manifest;
    DistinctTexts found_licenses;  // recognised in its texts
    // What a POM inside says: of the group and artifact that its folder names.
    std::unordered_map<std::string, std::vector<std::string>> pom_licenses;

    std::string_view get(std::initializer_list<std::string_view> names) const {
        for (const std::string_view name : names)
            for (const auto& [key, text] : manifest)
                if (key == name && !text.empty() && text.find("${") == std::string::npos)
                    return text;
        return {};
    }
};

// "key=value" lines (java.util.Properties), of which pom.properties has three without escapes.
std::array<std::string, 3> read_pom_properties(std::string_view text) {
    std::array<std::string, 3> found;
    constexpr std::array<std::string_view, 3> kKeys = {"groupId", "artifactId", "version"};
    for (const std::string_view line : split(text, '\n')) {
        const auto [key, content] = split_first(line, '=');
        for (std::size_t i = 0; i < kKeys.size(); ++i)
            if (trim(key) == kKeys[i]) found[i] = trim(content);
    }
    return found;
}

// Only the main section: others speak of parts. A line that begins with a blank goes on without it.
void read_manifest(std::string_view text, JarWords& words) {
    for (const Header& header : read_header_block(text, 0).headers) {
        std::string joined;
        for (std::string_view rest = header.value; !rest.empty();) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            std::string_view line = rest.substr(0, end);
            if (line.ends_with('\r')) line.remove_suffix(1);
            if (!joined.empty() && line.starts_with(' ')) line.remove_prefix(1);
            joined += line;
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        words.manifest.emplace_back(header.name, std::move(joined));
    }
}

// "META-INF/LICENSE", "META-INF/LICENSE.txt", "LICENSE.md".
bool is_license_text(std::string_view name) {
    constexpr std::string_view kFolder = "META-INF/";
    if (name.starts_with(kFolder)) name.remove_prefix(kFolder.size());
    for (const std::string_view stem : {"LICENSE", "LICENCE", "license", "COPYING"})
        if (name == stem || (name.starts_with(stem) && name[stem.size()] == '.' &&
                             name.find('/') == std::string_view::npos))
            return true;
    return false;
}

constexpr std::string_view kManifest = "META-INF/MANIFEST.MF";

// "META-INF/maven/<group>/<artifact>/pom.xml": "<group>/<artifact>"; empty for another file.
std::string_view coordinates_of_pom(std::string_view name) {
    constexpr std::string_view kFolder = "META-INF/maven/";
    constexpr std::string_view kFile = "/pom.xml";
    if (!name.starts_with(kFolder) || !name.ends_with(kFile)) return {};
    name.remove_prefix(kFolder.size());
    return name.size() <= kFile.size() ? std::string_view()
                                       : name.substr(0, name.size() - kFile.size());
}

bool is_pom_properties(std::string_view name) {
    return name.substr(name.rfind('/') + 1) == "pom.properties";
}

class JarReader {
  public:
    explicit JarReader(Reading& reading) : reading_(reading), budget_(reading.limits) {
        budget_.cancel = reading.cancel;
    }

    void read(std::string_view bytes, const std::string& name, std::vector<std::string> members) {
        if (members.size() > reading_.limits.max_archive_depth) {
            add_gap(members, model::GapCause::kArchiveLimit, "archives nest too deep");
            return;
        }
        // Each package inside has the whole path.
        std::size_t path_bytes = 0;
        for (const std::string& member : members) path_bytes += member.size();
        if (path_bytes > kMaxPathBytes) {
            members.back().resize(kShownNameBytes);
            add_gap(members, model::GapCause::kArchiveLimit, "a member's path is too long");
            return;
        }
        JarWords words;
        // Java goes by the directory, and of thousands of classes none has to be unpacked then.
        if (const auto directory = text::read_zip_directory(bytes); directory.ok()) {
            for (const text::ZipEntry& entry : directory.value()) {
                if (entry.is_folder || !is_wanted(entry.name)) continue;
                if (!take_entry(bytes, entry, words, members)) break;
                if (reading_.cancel != nullptr && reading_.cancel->cancelled()) return;
            }
        } else {
            walk_members(bytes, words, members);
        }
        add_packages(words, bytes, name, members);
    }

  private:
    static model::GapCause cause_of(text::ArchiveFailure failure) {
        switch (failure) {
            case text::ArchiveFailure::kEncrypted:
                return model::GapCause::kEncrypted;
            case text::ArchiveFailure::kLimit:
                return model::GapCause::kArchiveLimit;
            case text::ArchiveFailure::kUnsupported:
                return model::GapCause::kUnsupportedFormat;
            default:
                return model::GapCause::kCorruptArchive;
        }
    }

    static bool is_wanted(std::string_view name) {
        return is_pom_properties(name) || !coordinates_of_pom(name).empty() || name == kManifest ||
               is_license_text(name) || !ending_of(name).empty();
    }

    // False where nothing more can be taken out of the outermost archive.
    bool take_entry(std::string_view archive, const text::ZipEntry& entry, JarWords& words,
                    const std::vector<std::string>& members) {
        std::vector<std::string> place = members;
        place.emplace_back(entry.name);
        if (budget_.members_left == 0) {
            add_gap(place, model::GapCause::kArchiveLimit, text::kTooManyMembers);
            return false;
        }
        --budget_.members_left;
        const auto content = text::unpack_zip_entry(archive, entry, budget_);
        if (!content.ok()) {
            const model::GapCause cause = entry.is_encrypted() ? model::GapCause::kEncrypted
                                                               : model::GapCause::kCorruptArchive;
            add_gap(place, cause, content.error().message);
            return true;
        }
        const text::ZipContent& member = content.value();
        if (!member.is_whole()) add_gap(place, cause_of(member.gap.failure), member.gap.detail);
        take_member(std::string(entry.name), member.bytes(), words, members);
        return true;
    }

    // One whose directory is damaged or cut off: whatever members still stand there.
    void walk_members(std::string_view bytes, JarWords& words,
                      const std::vector<std::string>& members) {
        text::ArchiveVisitor visitor;
        visitor.on_member = [&](const text::ArchiveMember& member) {
            take_member(member.name, member.bytes, words, members);
        };
        visitor.on_gap = [&](const text::ArchiveGap& gap) {
            std::vector<std::string> place = members;
            if (!gap.member.empty()) place.push_back(gap.member);
            push_gap(place, cause_of(gap.failure), gap.detail);  // is counted there
        };
        text::walk_container(text::ContainerKind::kZip, bytes, budget_, visitor);
    }

    void add_gap(const std::vector<std::string>& members, model::GapCause cause,
                 std::string detail) {
        if (budget_.take_gap(detail)) push_gap(members, cause, std::move(detail));
    }

    void push_gap(const std::vector<std::string>& members, model::GapCause cause,
                  std::string detail) {
        std::string path;
        for (const std::string& member : members) path += (path.empty() ? "" : "!") + member;
        if (detail.empty())
            detail = "a limit of archives was reached: members, bytes, ratio or depth";
        reading_.facts.gaps.push_back({cause, std::move(path), std::move(detail)});
    }

    void take_member(const std::string& name, std::string_view bytes, JarWords& words,
                     const std::vector<std::string>& members) {
        if (is_pom_properties(name)) {
            words.maven.push_back(read_pom_properties(bytes));
        } else if (!coordinates_of_pom(name).empty()) {
            read_pom_licenses(coordinates_of_pom(name), bytes, words);
        } else if (name == kManifest) {
            read_manifest(bytes, words);
        } else if (is_license_text(name)) {
            for (packages::FoundLicense& found : packages::recognize_licenses(bytes))
                words.found_licenses.add(found.id);
        } else if (!ending_of(name).empty() && bytes.starts_with("PK")) {
            std::vector<std::string> inner = members;
            inner.push_back(name);
            read(bytes, name, std::move(inner));
        }
    }

    // Only what it states itself: its parents are not in here. A POM that is no XML is none that
    // Maven put there, and says nothing.
    void read_pom_licenses(std::string_view coordinates, std::string_view bytes, JarWords& words) {
        const auto root = text::read_xml(bytes, reading_.arena());
        if (!root.ok()) return;
        const text::XmlElement* licenses = root.value()->child("licenses");
        if (licenses == nullptr) return;
        DistinctTexts names;
        for (const text::XmlElement* one = licenses->first_child; one != nullptr; one = one->next)
            if (!names.add(one->child_text("name"))) {
                reading_.unknown(kNoOffset, "a POM with more than a thousand licences");
                break;
            }
        words.pom_licenses.insert_or_assign(std::string(coordinates), names.all());
    }

    Package& add(std::string_view group, std::string_view artifact, std::string_view version,
                 const std::vector<std::string>& members) {
        const std::string name = group.empty() ? std::string(artifact)
                                               : std::string(group) + ":" + std::string(artifact);
        Package& package = reading_.add(name, version, kNoOffset);
        package.location.members = members;
        return package;
    }

    // Of an archive of one package, what the archive says is that package's.
    static void add_licenses(const JarWords& words, Package& package) {
        // OSGi Core, 3.2.1.10: names or addresses with ',' between and attributes behind ';'. A
        // name with a comma has to be in quotes, and often is not.
        std::string_view stated = words.get({"Bundle-License"});
        stated = trim(stated.substr(0, stated.find(';')));
        if (stated.size() > 1 && stated.starts_with('"') && stated.ends_with('"'))
            stated = stated.substr(1, stated.size() - 2);
        for (const std::string_view name : {stated, trim(stated.substr(0, stated.find(',')))}) {
            if (!package.licenses.empty() || !packages::license_of_name(name)) continue;
            package.licenses.emplace_back(name);
            break;
        }
        package.found_licenses = words.found_licenses.all();
    }

    void add_packages(JarWords& words, std::string_view bytes, const std::string& name,
                      const std::vector<std::string>& members) {
        const std::string digest = crypto::digest(crypto::DigestAlgorithm::kSha1, bytes).hex();
        std::size_t added = 0;
        for (const auto& [group, artifact, version] : words.maven) {
            if (artifact.empty() || version.empty()) continue;
            Package& package = add(group, artifact, version, members);
            // A second package of the same coordinates has none: thousands of them would each have
            // a copy.
            if (auto stated = words.pom_licenses.extract(group + "/" + artifact))
                package.licenses = std::move(stated.mapped());
            // Of a shaded archive the digest is nobody's but the archive's own.
            if (words.maven.size() == 1) {
                package.checksums.push_back({"sha1", digest});
                add_licenses(words, package);
            }
            ++added;
        }
        if (added > 0) return;
        const JarName from_name = parse_jar_name(name);
        const std::string_view version =
            from_name.version.empty() ? words.get({"Plugin-Version", "Implementation-Version",
                                                   "Bundle-Version", "Specification-Version"})
                                      : from_name.version;
        std::string_view artifact = from_name.artifact;
        const std::string_view symbolic =
            trim(words.get({"Bundle-SymbolicName", "Automatic-Module-Name"}));
        if (artifact.empty()) artifact = words.get({"Extension-Name", "Short-Name"});
        const std::string_view group =
            group_of(words, symbolic.substr(0, symbolic.find(';')), artifact);
        // Of the outermost archive conclude() knows the name.
        if (artifact.empty() && !members.empty()) {
            reading_.facts.source.unknowns.push_back("an archive that names no package: " +
                                                     members.back());
            return;
        }
        Package& package = add(group, artifact, version, members);
        package.checksums.push_back({"sha1", digest});
        add_licenses(words, package);
    }

    // A group is stated, or what stands before the artifact's name in a symbolic name.
    static std::string_view group_of(const JarWords& words, std::string_view symbolic,
                                     std::string_view artifact) {
        if (const auto stated = words.get({"Group-Id", "Implementation-Vendor-Id"});
            !stated.empty() && stated.find(' ') == std::string_view::npos)
            return stated;
        if (!artifact.empty() && symbolic.size() > artifact.size() + 1 &&
            symbolic.ends_with(artifact) && symbolic[symbolic.size() - artifact.size() - 1] == '.')
            return symbolic.substr(0, symbolic.size() - artifact.size() - 1);
        // A bundle that is named like its file has its group in front of the last part.
        if (symbolic == artifact && artifact.find('.') != std::string_view::npos)
            return artifact.substr(0, artifact.rfind('.'));
        return {};
    }

    static constexpr std::size_t kMaxPathBytes = 4096;
    static constexpr std::size_t kShownNameBytes = 64;

    Reading& reading_;
    text::ArchiveBudget budget_;
};

}  // namespace

JarName parse_jar_name(std::string_view path) {
    std::string_view name = path.substr(path.rfind('/') + 1);
    name.remove_suffix(ending_of(name).size());
    for (std::size_t i = 1; i + 1 < name.size(); ++i)
        if (name[i] == '-' && is_digit(name[i + 1])) return {name.substr(0, i), name.substr(i + 1)};
    return {name, {}};
}

Status read_jar(Reading& reading) {
    if (!reading.bytes.starts_with("PK")) return Error{"jar: the file is no zip archive"};
    JarReader(reading).read(reading.bytes, "", {});
    return {};
}

void join_jar_names(std::vector<FileFacts>& files) {
    for (FileFacts& file : files) {
        if (file.reader->name != "java-archive") continue;
        packages::PackageSource& source = file.facts.source;
        const JarName name = parse_jar_name(file.members.empty() ? file.path : file.members.back());
        for (Package& package : source.packages) {
            if (!package.location.members.empty()) continue;
            const bool is_nameless = package.name.empty() || package.name.ends_with(':');
            if (!is_nameless) continue;
            package.name += name.artifact;
            if (!name.version.empty()) package.version = name.version;
        }
        // Neither a version nor a name from Maven: an archive of the project's own, or unknown.
        for (const Package& package : source.packages) {
            if (package.version.empty())
                source.unknowns.push_back("an archive that states no version: " + package.name);
        }
    }
}

}  // namespace merlon::inventory
