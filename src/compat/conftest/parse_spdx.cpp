// SPDX documents of versions 2.1 to 2.3 as tag-value text (SPDX 2.3, annexes of the file format),
// in the shape that spdx/tools-golang's document of version 2.3 has as JSON.
//
// The idea: a document is a walk through sections, and each line is one field of the section that
// stands open: for most of them a table says which member it is; what needs more is a case. Older
// versions are told as 2.3: that is how conftest sees them. Snippets and reviews are read and leave
// nothing, because that shape has no member for them.

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <optional>

#include "compat/conftest/parsers.h"
#include "compat/conftest/spdx_tags.h"
#include "text/utf8.h"

namespace merlon::compat::conftest {
namespace {

using value::Value;

constexpr std::string_view kElementPrefix = "SPDXRef-";
constexpr std::string_view kDocumentPrefix = "DocumentRef-";
constexpr std::array<std::string_view, 3> kAgents = {"Person", "Organization", "Tool"};

// The words between spaces.
std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (const std::string_view word = trim_go(text.substr(0, end)); !word.empty()) {
            words.push_back(word);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

// strconv.Atoi takes it.
bool is_go_integer(std::string_view text) {
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failed == std::errc() && end == text.data() + text.size();
}

class SpdxReader {
  public:
    SpdxReader(int minor, Reading& reading) : minor_(minor), values_(reading.values) {
        document_ = Growing::object();
        for (const std::string_view name :
             {"spdxVersion", "dataLicense", "name", "documentNamespace"}) {
            set(document_, name, text({}));
        }
        set(document_, "SPDXID", text(kElementPrefix));
        set(document_, "creationInfo", Growing());
    }

    Status take(const TagValue& pair) {
        const Status taken = in_section(pair.tag, pair.value);
        if (!taken.ok()) return spdx_error(pair.line, taken.error().message);
        return {};
    }

    Result<Value> finish() {
        MERLON_TRY(expect_named(file_, "the file"));
        MERLON_TRY(expect_named(package_, "the package"));
        if (creation_) {
            Growing& creation = *creation_;
            const bool is_empty = creation.members.size() == 2 &&
                                  creation.members["creators"].kind == Growing::Kind::kValue &&
                                  is_empty_text(creation, "created");
            if (minor_ == 3 || !is_empty) set(document_, "creationInfo", std::move(creation));
        }
        if (minor_ < 3) drop_empty_projects();
        for (Element& package : packages_) {
            if (!package.files.empty()) set(package.object, "files", listed(package.files));
            if (package.is_listed) append(document_, "packages", std::move(package.object));
        }
        if (!files_of_document_.empty()) set(document_, "files", listed(files_of_document_));
        for (Growing& licence : licences_) {
            const bool is_empty = minor_ < 3 && licence.members.size() == 2 &&
                                  is_empty_text(licence, "licenseId") &&
                                  is_empty_text(licence, "extractedText");
            append(document_, "hasExtractedLicensingInfos",
                   is_empty ? Growing() : std::move(licence));
        }
        for (Growing& one : relationships_) append(document_, "relationships", std::move(one));
        for (Growing& one : annotations_) append(document_, "annotations", std::move(one));
        if (minor_ < 3) set(document_, "spdxVersion", text("SPDX-2.3"));
        return document_.finish(values_);
    }

  private:
    // A package or a file.
    struct Element {
        Growing object = Growing::object();
        std::string name = {};
        bool is_listed = false;  // it has its SPDXID
        std::vector<Element*> files = {};
    };

    Growing text(std::string_view made) const {
        return Growing::of(values_.string(text::to_valid_utf8(made)));
    }
    static void set(Growing& object, std::string_view name, Growing made) {
        object.members.insert_or_assign(std::string(name), std::move(made));
    }
    static void append(Growing& object, std::string_view name, Growing made) {
        Growing& list = object.members[std::string(name)];
        list.kind = Growing::Kind::kArray;
        list.items.push_back(std::move(made));
    }
    static bool is_empty_text(const Growing& object, std::string_view name) {
        const auto found = object.members.find(name);
        return found != object.members.end() && found->second.value.is_string() &&
               found->second.value.as_string().empty();
    }
    void set_text(Growing& object, std::string_view name, std::string_view said) {
        if (said.empty()) {
            if (const auto at = object.members.find(name); at != object.members.end()) {
                object.members.erase(at);
            }
        } else {
            set(object, name, text(said));
        }
    }
    // An older version's empty one is lost on the way to 2.3.
    void drop_empty_projects() {
        for (Element& file : files_) {
            const auto found = file.object.members.find("artifactOfs");
            if (found == file.object.members.end()) continue;
            for (Growing& project : found->second.items) {
                const bool is_empty = is_empty_text(project, "name") &&
                                      is_empty_text(project, "homePage") &&
                                      is_empty_text(project, "URI");
                if (is_empty) project = Growing();
            }
        }
    }
    static Growing listed(const std::vector<Element*>& elements) {
        Growing list = Growing::array();
        for (Element* element : elements) list.items.push_back(std::move(element->object));
        return list;
    }

    static Status expect_named(const Element* element, std::string_view what) {
        if (element == nullptr || element->is_listed) return {};
        return Error{std::string(what) + " '" + element->name + "' has no SPDXID"};
    }

    Status in_section(std::string_view tag, std::string_view said) {
        if (section_ == Section::kCreation) creation();
        if (section_ != Section::kPackage || tag != "ExternalRefComment") reference_ = nullptr;
        const bool is_project = tag == "ArtifactOfProjectHomePage" || tag == "ArtifactOfProjectURI";
        if (section_ == Section::kFile && !is_project) project_ = nullptr;
        if (section_ != Section::kStart) {
            if (tag == "Relationship") return relationship(said);
            if (tag == "RelationshipComment") return relationship_comment(said);
            if (tag.starts_with("Annot") || tag == "SPDXREF") return annotation(tag, said);
        }
        if (take_plain(tag, said)) return {};
        switch (section_) {
            case Section::kStart:
                return in_start(tag, said);
            case Section::kCreation:
                return in_creation(tag, said);
            case Section::kPackage:
                return in_package(tag, said);
            case Section::kFile:
                return in_file(tag, said);
            case Section::kSnippet:
                return in_snippet(tag, said);
            case Section::kLicense:
                return in_licence(tag, said);
            case Section::kReview:
                if (tag == "Reviewer") return reviewer(said);
                break;
        }
        return unknown(tag);
    }

    static Status unknown(std::string_view tag) {
        return Error{"the tag '" + std::string(tag) + "' is none of this section"};
    }

    Growing* open_object() {
        switch (section_) {
            case Section::kStart:
                return &document_;
            case Section::kCreation:
                return &creation();
            case Section::kPackage:
                return &package_->object;
            case Section::kFile:
                return &file_->object;
            case Section::kLicense:
                return &licences_.back();
            default:
                return nullptr;
        }
    }

    bool take_plain(std::string_view tag, std::string_view said) {
        const auto field = std::ranges::find_if(plain_fields(), [&](const PlainField& one) {
            return one.section == section_ && one.tag == tag && one.since <= minor_;
        });
        if (field == plain_fields().end()) return false;
        if (field->shape == Shape::kNothing) return true;
        Growing& object = *open_object();
        if (field->shape == Shape::kAlways) set(object, field->member, text(said));
        if (field->shape == Shape::kText) set_text(object, field->member, said);
        if (field->shape == Shape::kTexts) append(object, field->member, text(said));
        return true;
    }

    Status in_start(std::string_view tag, std::string_view said) {
        if (tag == "SPDXID") {
            set(document_, "SPDXID", text(full_id(MERLON_TRY(element_id(said)))));
            return {};
        }
        if (tag == "ExternalDocumentRef") return external_document(said);
        section_ = Section::kCreation;
        return in_section(tag, said);
    }

    Growing& creation() {
        if (!creation_) {
            creation_ = Growing::object();
            set(*creation_, "creators", Growing());
            set(*creation_, "created", text({}));
        }
        return *creation_;
    }

    Status in_creation(std::string_view tag, std::string_view said) {
        if (tag == "Creator") {
            append(creation(), "creators", MERLON_TRY(agent(said, kAgents)));
            return {};
        }
        if (tag == "DocumentComment" && minor_ > 1) {
            section_ = Section::kStart;
            return in_section(tag, said);
        }
        if (tag == "PackageName") return begin_package(said);
        if (tag == "FileName") {
            package_ = nullptr;
            return begin_file(said);
        }
        return in_last_sections(tag, said);
    }

    // What may follow each of the others.
    Status in_last_sections(std::string_view tag, std::string_view said) {
        if (tag == "LicenseID") return begin_licence(said);
        if (tag == "Reviewer") return reviewer(said);
        return unknown(tag);
    }

    Status begin_package(std::string_view name) {
        section_ = Section::kPackage;
        if (package_ == nullptr || !package_->name.empty()) {
            MERLON_TRY(expect_named(package_, "the package"));
            package_ = &packages_.emplace_back();
            Growing& object = package_->object;
            set(object, "SPDXID", text(kElementPrefix));
            set(object, "downloadLocation", text({}));
            set(object, "filesAnalyzed", Growing::of(values_.boolean(true)));
            // A struct that is no pointer in these versions, and so never absent.
            if (minor_ < 3) set(object, "packageVerificationCode", verification_code({}));
        }
        package_->name = name;
        set(package_->object, "name", text(name));
        return {};
    }

    Status in_package(std::string_view tag, std::string_view said) {
        Growing& object = package_->object;
        if (tag == "PackageName") return begin_package(said);
        if (tag == "FileName") return begin_file(said);
        if (tag == "SPDXID") return name_element(*package_, said);
        if (tag == "PackageSupplier" || tag == "PackageOriginator") {
            const Growing made = said == "NOASSERTION"
                                     ? text(said)
                                     : MERLON_TRY(agent(said, std::span(kAgents).first(2)));
            set(object, tag == "PackageSupplier" ? "supplier" : "originator", made);
            return {};
        }
        if (tag == "FilesAnalyzed") {
            if (said == "true" || said == "false") {
                set(object, "filesAnalyzed", Growing::of(values_.boolean(said == "true")));
            }
            return {};
        }
        if (tag == "PackageVerificationCode") {
            set(object, "packageVerificationCode", verification_code(said));
            return {};
        }
        if (tag == "PackageChecksum") {
            append(object, "checksums", MERLON_TRY(checksum(said)));
            return {};
        }
        if (tag == "ExternalRef") return external_reference(said);
        if (tag == "ExternalRefComment") {
            if (reference_ == nullptr) return Error{"there is no ExternalRef before this comment"};
            set_text(*reference_, "comment", said);
            reference_ = nullptr;
            return {};
        }
        return in_last_sections(tag, said);
    }

    Status begin_file(std::string_view name) {
        section_ = Section::kFile;
        MERLON_TRY(expect_named(file_, "the file"));
        file_ = &files_.emplace_back();
        file_->name = name;
        Growing& object = file_->object;
        set(object, "fileName", text(name));
        set(object, "SPDXID", text(kElementPrefix));
        set(object, "checksums", Growing());
        set(object, "copyrightText", text({}));
        return {};
    }

    Status in_file(std::string_view tag, std::string_view said) {
        Growing& object = file_->object;
        if (tag == "FileName") return begin_file(said);
        if (tag == "PackageName") {
            MERLON_TRY(expect_named(file_, "the file"));
            file_ = nullptr;
            return begin_package(said);
        }
        if (tag == "SnippetSPDXID") return begin_snippet(said);
        if (tag == "SPDXID") {
            MERLON_TRY(name_element(*file_, said));
            (package_ == nullptr ? files_of_document_ : package_->files).push_back(file_);
            return {};
        }
        if (tag == "FileChecksum") {
            append(object, "checksums", MERLON_TRY(checksum(said)));
            return {};
        }
        if (tag == "ArtifactOfProjectName") {
            Growing project = Growing::object();
            for (const std::string_view name : {"name", "homePage", "URI"}) {
                set(project, name, text({}));
            }
            set(project, "name", text(said));
            append(object, "artifactOfs", std::move(project));
            project_ = &object.members.find("artifactOfs")->second.items.back();
            return {};
        }
        if (tag == "ArtifactOfProjectHomePage" || tag == "ArtifactOfProjectURI") {
            if (project_ == nullptr) return Error{"there is no ArtifactOfProjectName before it"};
            set(*project_, tag == "ArtifactOfProjectURI" ? "URI" : "homePage", text(said));
            return {};
        }
        return in_last_sections(tag, said);
    }

    Status begin_snippet(std::string_view id) {
        section_ = Section::kSnippet;
        MERLON_TRY(expect_named(file_, "the file"));
        MERLON_TRY(element_id(id));
        return {};
    }

    Status in_snippet(std::string_view tag, std::string_view said) {
        if (tag == "SnippetSPDXID") return begin_snippet(said);
        if (tag == "FileName") return begin_file(said);
        if (tag == "PackageName") {
            file_ = nullptr;
            return begin_package(said);
        }
        if (tag == "SnippetFromFileSPDXID") {
            MERLON_TRY(any_id(said));
            return {};
        }
        if (tag == "SnippetByteRange" || tag == "SnippetLineRange") {
            const auto [begin, end] = MERLON_TRY(halves(said));
            if (is_go_integer(begin) && is_go_integer(end)) return {};
            return Error{"expected a range of two integers, as in 310:420"};
        }
        return in_last_sections(tag, said);
    }

    Status begin_licence(std::string_view id) {
        section_ = Section::kLicense;
        Growing licence = Growing::object();
        set(licence, "licenseId", text(id));
        set(licence, "extractedText", text({}));
        licences_.push_back(std::move(licence));
        return {};
    }

    Status in_licence(std::string_view tag, std::string_view said) {
        return in_last_sections(tag, said);
    }

    Status reviewer(std::string_view said) {
        section_ = Section::kReview;
        const auto [type, name] = MERLON_TRY(halves(said));
        if (std::ranges::find(kAgents, type) != kAgents.end()) return {};
        return Error{"expected Person, Organization or Tool before the colon"};
    }

    Status name_element(Element& element, std::string_view said) {
        const std::string_view id = MERLON_TRY(element_id(said));
        if (element.is_listed) return Error{"'" + element.name + "' has an SPDXID already"};
        element.is_listed = true;
        set(element.object, "SPDXID", text(full_id(id)));
        return {};
    }

    Status relationship(std::string_view said) {
        const std::vector<std::string_view> words = words_of(said);
        if (words.size() != 3) return Error{"expected 'ELEMENT RELATIONSHIP ELEMENT'"};
        Growing made = Growing::object();
        set(made, "spdxElementId", text(MERLON_TRY(any_id(words[0]))));
        set(made, "relationshipType", text(words[1]));
        const bool is_special = minor_ > 1 && (words[2] == "NONE" || words[2] == "NOASSERTION");
        set(made, "relatedSpdxElement",
            text(is_special ? std::string(words[2]) : MERLON_TRY(any_id(words[2]))));
        relationships_.push_back(std::move(made));
        return {};
    }
    Status relationship_comment(std::string_view said) {
        if (relationships_.empty()) return Error{"there is no Relationship before this comment"};
        set_text(relationships_.back(), "comment", said);
        return {};
    }

    Status annotation(std::string_view tag, std::string_view said) {
        if (tag == "Annotator") {
            Growing made = Growing::object();
            for (const std::string_view name : {"annotationDate", "annotationType", "comment"}) {
                set(made, name, text({}));
            }
            set(made, "annotator", MERLON_TRY(agent(said, kAgents)));
            annotations_.push_back(std::move(made));
            return {};
        }
        constexpr std::pair<std::string_view, std::string_view> kMembers[] = {
            {"AnnotationDate", "annotationDate"},
            {"AnnotationType", "annotationType"},
            {"AnnotationComment", "comment"}};
        const auto member =
            std::ranges::find(kMembers, tag, [](const auto& one) { return one.first; });
        if (member == std::end(kMembers) && tag != "SPDXREF") return unknown(tag);
        if (annotations_.empty()) return Error{"there is no Annotator before it"};
        if (tag == "SPDXREF") {
            MERLON_TRY(any_id(said));
        } else {
            set(annotations_.back(), member->second, text(said));
        }
        return {};
    }

    Status external_document(std::string_view said) {
        const std::vector<std::string_view> words = words_of(said);
        if (words.size() != 3 && words.size() != 4) {
            return Error{"expected 'DocumentRef-ID URI ALGORITHM: CHECKSUM'"};
        }
        const std::size_t colon = words[2].find(':');
        if (colon == std::string_view::npos || (words.size() == 4 && !words[2].ends_with(':'))) {
            return Error{"expected a colon behind the checksum's algorithm"};
        }
        const std::string_view id = words[0];
        if (!id.starts_with(kDocumentPrefix) || id == kDocumentPrefix) {
            return Error{"expected 'DocumentRef-' and a name"};
        }
        Growing sum = Growing::object();
        const bool is_apart = words.size() == 4;
        set(sum, "algorithm", text(words[2].substr(0, is_apart ? words[2].size() - 1 : colon)));
        set(sum, "checksumValue", text(is_apart ? words[3] : words[2].substr(colon + 1)));
        Growing made = Growing::object();
        set(made, "externalDocumentId",
            text(prefixed(id.substr(kDocumentPrefix.size()), kDocumentPrefix)));
        set(made, "spdxDocument", text(words[1]));
        set(made, "checksum", std::move(sum));
        append(document_, "externalDocumentRefs", std::move(made));
        return {};
    }

    Status external_reference(std::string_view said) {
        const std::vector<std::string_view> words = words_of(said);
        if (words.size() != 3) return Error{"expected 'CATEGORY TYPE LOCATOR'"};
        std::string category(words[0]);
        std::ranges::replace(category, '_', '-');
        Growing made = Growing::object();
        set(made, "referenceCategory", text(category));
        set(made, "referenceType", text(words[1]));
        set(made, "referenceLocator", text(words[2]));
        append(package_->object, "externalRefs", std::move(made));
        reference_ = &package_->object.members.find("externalRefs")->second.items.back();
        return {};
    }

    // "CODE (excludes: FILE)"
    Growing verification_code(std::string_view said) const {
        constexpr std::string_view kExcludes = "(excludes:";
        const std::size_t at = said.find(kExcludes);
        Growing made = Growing::object();
        set(made, "packageVerificationCodeValue",
            text(at == std::string_view::npos ? said : trim_go(said.substr(0, at))));
        if (at != std::string_view::npos) {
            const std::string_view rest = said.substr(at + kExcludes.size());
            append(made, "packageVerificationCodeExcludedFiles",
                   text(trim_go(rest.substr(0, rest.find(')')))));
        }
        return made;
    }

    Result<Growing> checksum(std::string_view said) const {
        const auto [name, sum] = MERLON_TRY(halves(said));
        if (!is_checksum_algorithm(name, minor_)) {
            return Error{"'" + std::string(name) + "' is no algorithm of checksums"};
        }
        Growing made = Growing::object();
        set(made, "algorithm", text(name));
        set(made, "checksumValue", text(sum));
        return made;
    }

    // "Person: name"
    Result<Growing> agent(std::string_view said, std::span<const std::string_view> types) const {
        const auto [type, name] = MERLON_TRY(halves(said));
        if (std::ranges::find(types, type) == types.end()) {
            return Error{"'" + std::string(type) +
                         "' before the colon: expected Person, Organization" +
                         (types.size() > 2 ? " or Tool" : "")};
        }
        if (name.empty()) return Error{"expected a name behind the colon"};
        return text(std::string(type) + ": " + std::string(name));
    }

    static Result<std::pair<std::string_view, std::string_view>> halves(std::string_view said) {
        const std::size_t colon = said.find(':');
        if (colon == std::string_view::npos) return Error{"expected a colon in the value"};
        return std::pair(trim_go(said.substr(0, colon)), trim_go(said.substr(colon + 1)));
    }

    // Go's type puts the prefix before an identifier unless it begins with one.
    static std::string prefixed(std::string_view id, std::string_view prefix) {
        return id.starts_with(prefix) ? std::string(id) : std::string(prefix) + std::string(id);
    }
    static std::string full_id(std::string_view id) { return prefixed(id, kElementPrefix); }

    static Result<std::string_view> element_id(std::string_view said) {
        if (!said.starts_with(kElementPrefix) || said == kElementPrefix ||
            said.find(':') != std::string_view::npos) {
            return Error{"expected 'SPDXRef-' and a name without a colon"};
        }
        return said.substr(kElementPrefix.size());
    }

    // Of this document or, behind "DocumentRef-NAME:", of another.
    static Result<std::string> any_id(std::string_view said) {
        if (!said.starts_with(kDocumentPrefix)) return full_id(MERLON_TRY(element_id(said)));
        const std::size_t colon = said.find(':');
        const std::string_view document = said.substr(0, colon).substr(kDocumentPrefix.size());
        if (colon == std::string_view::npos || document.empty()) {
            return Error{"expected 'DocumentRef-NAME:SPDXRef-NAME'"};
        }
        return prefixed(document, kDocumentPrefix) + ":" +
               full_id(MERLON_TRY(element_id(said.substr(colon + 1))));
    }

    int minor_;
    value::Builder& values_;
    Section section_ = Section::kStart;
    Growing document_;
    std::optional<Growing> creation_;
    // Elements stay where they are: others point to them.
    std::deque<Element> packages_;
    std::deque<Element> files_;
    std::vector<Element*> files_of_document_;
    std::vector<Growing> licences_;
    std::vector<Growing> relationships_;
    std::vector<Growing> annotations_;
    Element* package_ = nullptr;
    Element* file_ = nullptr;
    Growing* reference_ = nullptr;  // what a comment would be of
    Growing* project_ = nullptr;
};

}  // namespace

Result<Value> parse_spdx(std::string_view bytes, Reading& reading) {
    const std::vector<TagValue> pairs = MERLON_TRY(tag_values(bytes));
    if (pairs.empty()) return Error{"SPDX: there are no tags: expected lines of 'Tag: value'"};
    const auto version = std::ranges::find(pairs, "SPDXVersion", &TagValue::tag);
    constexpr std::array<std::string_view, 3> kVersions = {"SPDX-2.1", "SPDX-2.2", "SPDX-2.3"};
    if (version == pairs.end()) return Error{"SPDX: expected a tag SPDXVersion"};
    const auto known = std::ranges::find(kVersions, version->value);
    if (known == kVersions.end()) {
        return spdx_error(version->line, "expected version SPDX-2.1, SPDX-2.2 or SPDX-2.3");
    }
    SpdxReader reader(static_cast<int>(known - kVersions.begin()) + 1, reading);
    for (const TagValue& pair : pairs) MERLON_TRY(reader.take(pair));
    const auto document = reader.finish();
    if (!document.ok()) return spdx_error(pairs.back().line, document.error().message);
    return document;
}

}  // namespace merlon::compat::conftest
