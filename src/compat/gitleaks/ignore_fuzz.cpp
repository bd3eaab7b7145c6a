// What a user hands in beside the rules: ignore files, baselines and report templates. Any bytes
// are read, or refused with a reason.

#include <sys/mman.h>
#include <unistd.h>
#include <cstdlib>

#include "compat/gitleaks/finding_record.h"
#include "compat/gitleaks/known.h"

namespace {

using namespace merlon::compat::gitleaks;

Row example() {
    Row row;
    row.rule_id = "rule";
    row.file = "a/b.txt";
    row.match = row.secret = "x";
    row.tags = {"one", "two"};
    row.fingerprint = "a/b.txt:rule:1";
    return row;
}

void read_ignore_list(std::string_view bytes) {
    IgnoreList list;
    list.add_text(bytes);
    if (list.holds("a:b") && bytes.find("a:b") == std::string_view::npos) std::abort();
    list.add_text("a/b.txt:rule:1\n");
    if (!list.holds(example().fingerprint)) std::abort();
}

// The reader takes a path; an anonymous file has one.
void read_baseline(std::string_view bytes) {
    static const int file = memfd_create("baseline", MFD_CLOEXEC);
    if (ftruncate(file, 0) != 0 ||
        pwrite(file, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        std::abort();
    for (const std::uint64_t redact : {0U, 50U}) {
        const auto baseline = Baseline::load("/proc/self/fd/" + std::to_string(file), redact);
        if (baseline.ok()) {
            (void)baseline.value().holds(example());
        } else if (baseline.error().message.empty()) {
            std::abort();
        }
    }
}

void render_template(std::string_view bytes) {
    const auto parsed = merlon::templates::Template::parse(bytes);
    if (!parsed.ok()) {
        if (parsed.error().message.empty()) std::abort();
        return;
    }
    const Row rows[] = {example(), example()};
    constexpr merlon::Timestamp kNow{1'700'000'000'000'000'000};
    std::string out;
    (void)render_findings(parsed.value(), rows, kNow, out);
    (void)render_findings(parsed.value(), {}, kNow, out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 8192) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 3) {
        case 0:
            read_ignore_list(bytes);
            break;
        case 1:
            read_baseline(bytes);
            break;
        default:
            render_template(bytes);
    }
    return 0;
}
