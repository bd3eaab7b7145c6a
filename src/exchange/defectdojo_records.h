#pragma once

// The records that DefectDojo's REST API (version 2) lists: findings with their risk acceptances
// and notes, and the users, tests, engagements, products and test types that give numbers their
// names. Members as its OpenAPI schema (/api/v2/oa3/schema) has them.
//
// The idea: reading alone. What the records mean together is foreign_defectdojo.cpp's.
//
// Not thread-safe: one command's documents each. Cost: linear; memory of what is kept.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/api_documents.h"
#include "exchange/field_reader.h"

namespace merlon::exchange {

struct DojoNote {
    std::string author = {}, text = {}, date = {};  // "#12" as text: known by its number alone
    bool is_private = false;
};

struct DojoAcceptance {
    std::string id, name, owner, accepted_by, details, created, expiration;
    std::vector<std::string> findings;
};

struct DojoFinding {
    std::string id, title, description, mitigation, severity, rule, path, cwe, cvss, url;
    std::string component, version, fixed, test, test_type, product, unique_id;
    std::string decided_by, decided_at;
    std::vector<std::string> ids, tags;
    std::vector<DojoNote> notes;
    std::uint32_t line = 0;
    bool is_active = true, is_false = false, is_out_of_scope = false, is_accepted = false;
    bool is_duplicate = false, is_mitigated = false, is_verified = false, is_under_review = false;
};

using DojoNames = std::map<std::string, std::string, std::less<>>;  // by number

struct DojoRecords {
    std::vector<DojoFinding> findings;         // of the document itself
    std::set<std::string, std::less<>> known;  // numbers of findings, also of those beside it
    std::map<std::string, DojoAcceptance, std::less<>> acceptances;
    std::map<std::string, DojoNote, std::less<>> notes;
    DojoNames users, test_types, engagements, products_of_engagements, products, types;
    DojoNames names_of_tests;
    std::size_t own_acceptances = 0;  // of the document itself
    std::size_t further_pages = 0;    // that its pages tell of
};

class DojoReader {
  public:
    // Fails with line, column and the record that is not as it should be.
    Status take(const ForeignInput& input, DocumentRole role);
    DojoRecords& records() { return records_; }

  private:
    enum class From : std::uint8_t { kList, kPrefetched };
    void take_list(const value::Value& value);
    void take_prefetched(const value::Value& page);
    void take_record(const value::Value& record, From from);
    void take_known_record(const value::Value& record, const std::string& id, From from);
    DojoNote note_of(const value::Value& record);
    void take_acceptance(const value::Value& record, const std::string& id,
                         const std::string& finding);
    bool flag(const value::Value& record, std::string_view key);
    void take_finding(const value::Value& record, const std::string& id);
    void take_names(const value::Value& record, DojoFinding& one);
    bool is_own() const { return role_ == DocumentRole::kImported; }

    DojoRecords records_;
    FieldReader* fields_ = nullptr;  // of the document that is read
    DocumentRole role_ = DocumentRole::kImported;
};

}  // namespace merlon::exchange
