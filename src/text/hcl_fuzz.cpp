// Any bytes as HCL: a tree or an error, and the places of the tree lie in the source.

#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "text/hcl.h"

namespace {

using namespace merlon;

void check(const text::HclExpression* expression, std::size_t size) {
    if (expression == nullptr) return;
    MERLON_ASSERT(expression->span.begin <= expression->span.end && expression->span.end <= size);
    for (const text::HclExpression* operand : expression->operands) check(operand, size);
}

void check(const text::HclBody& body, std::size_t size) {
    for (const text::HclAttribute& attribute : body.attributes) check(attribute.value, size);
    for (const text::HclBlock* block : body.blocks) check(block->body, size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Arena arena;
    const auto body = text::read_hcl({reinterpret_cast<const char*>(data), size}, arena);
    if (body.ok()) check(body.value(), size);
    return 0;
}
