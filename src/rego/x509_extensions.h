#pragma once

// The extensions of a certificate as members of its value (RFC 5280, section 4.2): what
// x509_values.cpp is made of.
//
// Thread-safe: no state. Cost: linear in the bytes.

#include <gmpxx.h>

#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/der.h"
#include "rego/builtins.h"

namespace merlon::rego::x509 {

mpz_class integer_of_octets(std::string_view octets);

// The members of an object while it grows.
class Members {
  public:
    explicit Members(Context& context) : context_(context) {}
    Context& context() { return context_; }

    void add(std::string_view name, const value::Value& member) {
        members_.insert_or_assign(std::string(name), member);
    }
    value::Value take();

    value::Value base64(std::string_view bytes);
    value::Value identifier(const crypto::ObjectIdentifier& arcs);
    value::Value unsigned_number(std::string_view octets);
    // Null where there is none, as Go's nil slices are.
    value::Value list(std::span<const value::Value> items);
    value::Value strings(std::span<const std::string> texts);
    value::Value object(std::initializer_list<std::pair<std::string_view, value::Value>> members);

  private:
    Context& context_;
    std::map<std::string, value::Value, std::less<>> members_;
};

// Section 4.1.2.4. What a name says under the attributes of X.520 stands beside the list.
Result<value::Value> read_name(Context& context, std::string_view name);

struct RawExtension {
    crypto::ObjectIdentifier identifier;
    bool is_critical = false;
    std::string_view content;
};

// Section 4.2.1.6.
struct SubjectNames {
    std::vector<std::string> hosts, mails, addresses, uri_texts;
    std::vector<value::Value> uris;
};

Status read_subject_names(Members& members, const RawExtension& extension, SubjectNames& names);
void add_subject_names(Members& members, const SubjectNames& names);

// Adds a member for each field that extensions fill, also where there is none.
Status add_extensions(Members& members, std::span<const RawExtension> extensions,
                      SubjectNames& names);

}  // namespace merlon::rego::x509
