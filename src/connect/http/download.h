#pragma once

// Fetches one address into one file: only where it has changed, and from where an attempt before
// had stopped.
//
// The idea: what comes is written to FILE.part as it was sent, and what the server said of it
// (address, ETag, coding) to FILE.part.json before the first byte, so that a process that was ended
// at any moment leaves something to go on from (RFC 9110, sections 13 and 14: If-None-Match,
// If-Range, Range). FILE itself is replaced when all of it is there, and never half.
//
// An attempt that was cut off and had brought something is followed by another one; one that
// brought nothing fails at once, so that a wrong address is not tried five times. A server that
// says that it is busy is asked again after a while.
//
// One download for each file at a time. Errors name the address and what the server said.

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "net/http_client.h"

namespace merlon::connect::http {

// What tells one version of a document from another (RFC 9110, section 8.8).
struct Validators {
    std::string etag;           // with its quotes
    std::string last_modified;  // as it was sent
    bool empty() const { return etag.empty() && last_modified.empty(); }
    bool operator==(const Validators&) const = default;
};

struct DownloadRequest {
    std::string url;
    std::string path;  // its folder is there
    Validators known;  // of the file at `path`, where there is one
    unsigned max_attempts = 5;
    // Looks at the whole content before it takes the file's place: where it fails, what was there
    // before stays, and the next attempt begins anew. May be empty.
    std::function<Status(const std::string& path)> check = {};
    // The content of a compressed answer.
    std::uint64_t max_unpacked_bytes = std::uint64_t{16} << 30;
};

struct Download {
    bool is_changed = false;  // false: the file is still what the server has
    Validators validators;
    std::uint64_t received_bytes = 0;
    std::uint64_t resumed_at = 0;  // bytes that an attempt before had brought
};

Result<Download> download(net::HttpClient& client, const DownloadRequest& request);

}  // namespace merlon::connect::http
