#pragma once

// Calls of built-ins, with usual operands and such as need more room than a word or a short text:
// integers beyond 64 bits, long floats, long texts, large collections. memory_test.cpp makes them.
//
// Thread-safe: constant.

#include <string_view>

namespace merlon::rego {

struct MemoryCase {
    std::string_view name;      // and, behind a blank, what is special about the call
    std::string_view operands;  // an array, as a term of Rego
};

inline constexpr MemoryCase kMemoryCases[] = {
    {"equal", R"t([1, 2])t"},
    {"equal", R"t([123456789012345678901234567890, 7])t"},
    {"equal", R"t([1.25, 0.3333333333333333333])t"},
    {"equal", R"t([1e300, 3e-300])t"},
    {"equal", R"t([9007199254740993.5, 12345678901234567])t"},
    {"equal", R"t([-123456789012345678901234567890, 123456789012345678901234567890])t"},
    {"equal",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("The quick brown fox jumps over the lazy dog, and then it goes on for some more.!"])t"},
    {"equal", R"t([{"a": [1, 2]}, {"a": [1, 3]}])t"},
    {"eq", R"t([1, 2])t"},
    {"eq", R"t([123456789012345678901234567890, 7])t"},
    {"eq", R"t([1.25, 0.3333333333333333333])t"},
    {"eq", R"t([1e300, 3e-300])t"},
    {"eq", R"t([9007199254740993.5, 12345678901234567])t"},
    {"eq", R"t([-123456789012345678901234567890, 123456789012345678901234567890])t"},
    {"eq",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("The quick brown fox jumps over the lazy dog, and then it goes on for some more.!"])t"},
    {"eq", R"t([{"a": [1, 2]}, {"a": [1, 3]}])t"},
    {"neq", R"t([1, 2])t"},
    {"neq", R"t([123456789012345678901234567890, 7])t"},
    {"neq", R"t([1.25, 0.3333333333333333333])t"},
    {"neq", R"t([1e300, 3e-300])t"},
    {"neq", R"t([9007199254740993.5, 12345678901234567])t"},
    {"neq", R"t([-123456789012345678901234567890, 123456789012345678901234567890])t"},
    {"neq",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("The quick brown fox jumps over the lazy dog, and then it goes on for some more.!"])t"},
    {"neq", R"t([{"a": [1, 2]}, {"a": [1, 3]}])t"},
    {"lt", R"t([1, 2])t"},
    {"lt", R"t([123456789012345678901234567890, 7])t"},
    {"lt", R"t([1.25, 0.3333333333333333333])t"},
    {"lt", R"t([1e300, 3e-300])t"},
    {"lt", R"t([9007199254740993.5, 12345678901234567])t"},
    {"lt", R"t([-123456789012345678901234567890, 123456789012345678901234567890])t"},
    {"lt",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("The quick brown fox jumps over the lazy dog, and then it goes on for some more.!"])t"},
    {"lt", R"t([{"a": [1, 2]}, {"a": [1, 3]}])t"},
    {"lte", R"t([1, 2])t"},
    {"lte", R"t([123456789012345678901234567890, 7])t"},
    {"lte", R"t([1.25, 0.3333333333333333333])t"},
    {"lte", R"t([1e300, 3e-300])t"},
    {"lte", R"t([9007199254740993.5, 12345678901234567])t"},
    {"lte", R"t([-123456789012345678901234567890, 123456789012345678901234567890])t"},
    {"lte",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("The quick brown fox jumps over the lazy dog, and then it goes on for some more.!"])t"},
    {"lte", R"t([{"a": [1, 2]}, {"a": [1, 3]}])t"},
    {"gt", R"t([1, 2])t"},
    {"gt", R"t([123456789012345678901234567890, 7])t"},
    {"gt", R"t([1.25, 0.3333333333333333333])t"},
    {"gt", R"t([1e300, 3e-300])t"},
    {"gt", R"t([9007199254740993.5, 12345678901234567])t"},
    {"gt", R"t([-123456789012345678901234567890, 123456789012345678901234567890])t"},
    {"gt",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("The quick brown fox jumps over the lazy dog, and then it goes on for some more.!"])t"},
    {"gt", R"t([{"a": [1, 2]}, {"a": [1, 3]}])t"},
    {"gte", R"t([1, 2])t"},
    {"gte", R"t([123456789012345678901234567890, 7])t"},
    {"gte", R"t([1.25, 0.3333333333333333333])t"},
    {"gte", R"t([1e300, 3e-300])t"},
    {"gte", R"t([9007199254740993.5, 12345678901234567])t"},
    {"gte", R"t([-123456789012345678901234567890, 123456789012345678901234567890])t"},
    {"gte",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("The quick brown fox jumps over the lazy dog, and then it goes on for some more.!"])t"},
    {"gte", R"t([{"a": [1, 2]}, {"a": [1, 3]}])t"},
    {"plus", R"t([1, 2])t"},
    {"plus", R"t([123456789012345678901234567890, 7])t"},
    {"plus", R"t([1.25, 0.3333333333333333333])t"},
    {"plus", R"t([1e300, 3e-300])t"},
    {"plus", R"t([9007199254740993.5, 12345678901234567])t"},
    {"plus", R"t([-123456789012345678901234567890, 123456789012345678901234567890])t"},
    {"mul", R"t([1, 2])t"},
    {"mul", R"t([123456789012345678901234567890, 7])t"},
    {"mul", R"t([1.25, 0.3333333333333333333])t"},
    {"mul", R"t([1e300, 3e-300])t"},
    {"mul", R"t([9007199254740993.5, 12345678901234567])t"},
    {"mul", R"t([-123456789012345678901234567890, 123456789012345678901234567890])t"},
    {"minus", R"t([1, 2])t"},
    {"minus", R"t([123456789012345678901234567890, 7])t"},
    {"minus", R"t([1.25, 0.3333333333333333333])t"},
    {"minus", R"t([1e300, 3e-300])t"},
    {"minus", R"t([9007199254740993.5, 12345678901234567])t"},
    {"minus", R"t([-123456789012345678901234567890, 123456789012345678901234567890])t"},
    {"div", R"t([1, 2])t"},
    {"div", R"t([123456789012345678901234567890, 7])t"},
    {"div", R"t([1.25, 0.3333333333333333333])t"},
    {"div", R"t([1e300, 3e-300])t"},
    {"div", R"t([9007199254740993.5, 12345678901234567])t"},
    {"div", R"t([-123456789012345678901234567890, 123456789012345678901234567890])t"},
    {"minus", R"t([{1, 2, 3}, {2}])t"},
    {"rem", R"t([7, 3])t"},
    {"rem", R"t([123456789012345678901234567890, 12345678901234567890])t"},
    {"abs", R"t([-5])t"},
    {"abs", R"t([-123456789012345678901234567890])t"},
    {"abs", R"t([-1234567890123456789.5])t"},
    {"abs", R"t([0.1234567890123456789012])t"},
    {"abs", R"t([1e300])t"},
    {"round", R"t([-5])t"},
    {"round", R"t([-123456789012345678901234567890])t"},
    {"round", R"t([-1234567890123456789.5])t"},
    {"round", R"t([0.1234567890123456789012])t"},
    {"round", R"t([1e300])t"},
    {"ceil", R"t([-5])t"},
    {"ceil", R"t([-123456789012345678901234567890])t"},
    {"ceil", R"t([-1234567890123456789.5])t"},
    {"ceil", R"t([0.1234567890123456789012])t"},
    {"ceil", R"t([1e300])t"},
    {"floor", R"t([-5])t"},
    {"floor", R"t([-123456789012345678901234567890])t"},
    {"floor", R"t([-1234567890123456789.5])t"},
    {"floor", R"t([0.1234567890123456789012])t"},
    {"floor", R"t([1e300])t"},
    {"bits.and", R"t([5, 3])t"},
    {"bits.and", R"t([123456789012345678901234567890, 255])t"},
    {"bits.and", R"t([-123456789012345678901234567890, 123456789012345678901234567890])t"},
    {"bits.or", R"t([5, 3])t"},
    {"bits.or", R"t([123456789012345678901234567890, 255])t"},
    {"bits.or", R"t([-123456789012345678901234567890, 123456789012345678901234567890])t"},
    {"bits.xor", R"t([5, 3])t"},
    {"bits.xor", R"t([123456789012345678901234567890, 255])t"},
    {"bits.xor", R"t([-123456789012345678901234567890, 123456789012345678901234567890])t"},
    {"bits.lsh", R"t([5, 3])t"},
    {"bits.lsh", R"t([123456789012345678901234567890, 70])t"},
    {"bits.rsh", R"t([5, 3])t"},
    {"bits.rsh", R"t([123456789012345678901234567890, 70])t"},
    {"bits.negate", R"t([5])t"},
    {"bits.negate", R"t([123456789012345678901234567890])t"},
    {"numbers.range", R"t([1, 100])t"},
    {"numbers.range", R"t([123456789012345678901234567890, 123456789012345678901234567920])t"},
    {"numbers.range", R"t([5, -5])t"},
    {"numbers.range_step", R"t([1, 1000, 7])t"},
    {"numbers.range_step",
     R"t([123456789012345678901234567890, 123456789012345678901234567990, 9])t"},
    {"rand.intn",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t(1000])t"},
    {"is_null", R"t([null])t"},
    {"is_null",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"is_null", R"t([{1, 2}])t"},
    {"is_boolean", R"t([null])t"},
    {"is_boolean",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"is_boolean", R"t([{1, 2}])t"},
    {"is_number", R"t([null])t"},
    {"is_number",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"is_number", R"t([{1, 2}])t"},
    {"is_string", R"t([null])t"},
    {"is_string",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"is_string", R"t([{1, 2}])t"},
    {"is_array", R"t([null])t"},
    {"is_array",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"is_array", R"t([{1, 2}])t"},
    {"is_object", R"t([null])t"},
    {"is_object",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"is_object", R"t([{1, 2}])t"},
    {"is_set", R"t([null])t"},
    {"is_set",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"is_set", R"t([{1, 2}])t"},
    {"type_name", R"t([null])t"},
    {"type_name",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"type_name", R"t([{1, 2}])t"},
    {"cast_array", R"t([[1]])t"},
    {"cast_array", R"t([{1, 2, 3}])t"},
    {"cast_set", R"t([[3, 1, 2, 3]])t"},
    {"cast_set", R"t([{1}])t"},
    {"cast_string",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"cast_boolean", R"t([true])t"},
    {"cast_null", R"t([null])t"},
    {"cast_object", R"t([{"a": 1}])t"},
    {"to_number", R"t(["12"])t"},
    {"to_number", R"t(["1_000_000_000_000_000_000_000"])t"},
    {"to_number", R"t(["-0001234567890.123456789012345678"])t"},
    {"to_number", R"t(["123456789012345678901234567890"])t"},
    {"to_number", R"t([true])t"},
    {"to_number", R"t([null])t"},
    {"to_number", R"t(["1e300"])t"},
    {"print", R"t([["a"]])t"},
    {"trace", R"t(["a"])t"},
    {"internal.print", R"t([[{"a"}]])t"},
    {"opa.runtime", R"t([])t"},
    {"count",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"count", R"t([{1, 2}])t"},
    {"count", R"t([{"a": 1}])t"},
    {"sum", R"t([[1, 2, 3]])t"},
    {"sum", R"t([{123456789012345678901234567890, 1234567890123456789012345678901}])t"},
    {"sum", R"t([[0.1, 0.2, 12345678901234567890.5]])t"},
    {"sum", R"t([[9223372036854775807, 9223372036854775807]])t"},
    {"product", R"t([[1, 2, 3]])t"},
    {"product", R"t([{123456789012345678901234567890, 1234567890123456789012345678901}])t"},
    {"product", R"t([[0.1, 0.2, 12345678901234567890.5]])t"},
    {"product", R"t([[9223372036854775807, 9223372036854775807]])t"},
    {"max",
     R"t([[0, 41, 82, 22, 63, 3, 44, 85, 25, 66, 6, 47, 88, 28, 69, 9, 50, 91, 31, 72, 12, 53)t"
     R"t(, 94, 34, 75, 15, 56, 97, 37, 78, 18, 59, 100, 40, 81, 21, 62, 2, 43, 84, 24, 65, 5,)t"
     R"t( 46, 87, 27, 68, 8, 49, 90, 30, 71, 11, 52, 93, 33, 74, 14, 55, 96, 36, 77, 17, 58, )t"
     R"t(99, 39, 80, 20, 61, 1, 42, 83, 23, 64, 4, 45, 86, 26, 67, 7, 48, 89, 29, 70, 10, 51,)t"
     R"t( 92, 32, 73, 13, 54, 95, 35, 76, 16, 57, 98, 38, 79, 19]])t"},
    {"max",
     R"t([["a long text with the number 0", "a long text with the number 41", "a long text wi)t"
     R"t(th the number 82", "a long text with the number 22", "a long text with the number 63)t"
     R"t(", "a long text with the number 3", "a long text with the number 44", "a long text w)t"
     R"t(ith the number 85", "a long text with the number 25", "a long text with the number 6)t"
     R"t(6", "a long text with the number 6", "a long text with the number 47", "a long text )t"
     R"t(with the number 88", "a long text with the number 28", "a long text with the number )t"
     R"t(69", "a long text with the number 9", "a long text with the number 50", "a long text)t"
     R"t( with the number 91", "a long text with the number 31", "a long text with the number)t"
     R"t( 72", "a long text with the number 12", "a long text with the number 53", "a long te)t"
     R"t(xt with the number 94", "a long text with the number 34", "a long text with the numb)t"
     R"t(er 75", "a long text with the number 15", "a long text with the number 56", "a long )t"
     R"t(text with the number 97", "a long text with the number 37", "a long text with the nu)t"
     R"t(mber 78", "a long text with the number 18", "a long text with the number 59", "a lon)t"
     R"t(g text with the number 100", "a long text with the number 40", "a long text with the)t"
     R"t( number 81", "a long text with the number 21", "a long text with the number 62", "a )t"
     R"t(long text with the number 2", "a long text with the number 43", "a long text with th)t"
     R"t(e number 84"]])t"},
    {"max", R"t([[1.5, 123456789012345678901234567890, 2, 1]])t"},
    {"min",
     R"t([[0, 41, 82, 22, 63, 3, 44, 85, 25, 66, 6, 47, 88, 28, 69, 9, 50, 91, 31, 72, 12, 53)t"
     R"t(, 94, 34, 75, 15, 56, 97, 37, 78, 18, 59, 100, 40, 81, 21, 62, 2, 43, 84, 24, 65, 5,)t"
     R"t( 46, 87, 27, 68, 8, 49, 90, 30, 71, 11, 52, 93, 33, 74, 14, 55, 96, 36, 77, 17, 58, )t"
     R"t(99, 39, 80, 20, 61, 1, 42, 83, 23, 64, 4, 45, 86, 26, 67, 7, 48, 89, 29, 70, 10, 51,)t"
     R"t( 92, 32, 73, 13, 54, 95, 35, 76, 16, 57, 98, 38, 79, 19]])t"},
    {"min",
     R"t([["a long text with the number 0", "a long text with the number 41", "a long text wi)t"
     R"t(th the number 82", "a long text with the number 22", "a long text with the number 63)t"
     R"t(", "a long text with the number 3", "a long text with the number 44", "a long text w)t"
     R"t(ith the number 85", "a long text with the number 25", "a long text with the number 6)t"
     R"t(6", "a long text with the number 6", "a long text with the number 47", "a long text )t"
     R"t(with the number 88", "a long text with the number 28", "a long text with the number )t"
     R"t(69", "a long text with the number 9", "a long text with the number 50", "a long text)t"
     R"t( with the number 91", "a long text with the number 31", "a long text with the number)t"
     R"t( 72", "a long text with the number 12", "a long text with the number 53", "a long te)t"
     R"t(xt with the number 94", "a long text with the number 34", "a long text with the numb)t"
     R"t(er 75", "a long text with the number 15", "a long text with the number 56", "a long )t"
     R"t(text with the number 97", "a long text with the number 37", "a long text with the nu)t"
     R"t(mber 78", "a long text with the number 18", "a long text with the number 59", "a lon)t"
     R"t(g text with the number 100", "a long text with the number 40", "a long text with the)t"
     R"t( number 81", "a long text with the number 21", "a long text with the number 62", "a )t"
     R"t(long text with the number 2", "a long text with the number 43", "a long text with th)t"
     R"t(e number 84"]])t"},
    {"min", R"t([[1.5, 123456789012345678901234567890, 2, 1]])t"},
    {"sort",
     R"t([[0, 41, 82, 22, 63, 3, 44, 85, 25, 66, 6, 47, 88, 28, 69, 9, 50, 91, 31, 72, 12, 53)t"
     R"t(, 94, 34, 75, 15, 56, 97, 37, 78, 18, 59, 100, 40, 81, 21, 62, 2, 43, 84, 24, 65, 5,)t"
     R"t( 46, 87, 27, 68, 8, 49, 90, 30, 71, 11, 52, 93, 33, 74, 14, 55, 96, 36, 77, 17, 58, )t"
     R"t(99, 39, 80, 20, 61, 1, 42, 83, 23, 64, 4, 45, 86, 26, 67, 7, 48, 89, 29, 70, 10, 51,)t"
     R"t( 92, 32, 73, 13, 54, 95, 35, 76, 16, 57, 98, 38, 79, 19]])t"},
    {"sort",
     R"t([["a long text with the number 0", "a long text with the number 41", "a long text wi)t"
     R"t(th the number 82", "a long text with the number 22", "a long text with the number 63)t"
     R"t(", "a long text with the number 3", "a long text with the number 44", "a long text w)t"
     R"t(ith the number 85", "a long text with the number 25", "a long text with the number 6)t"
     R"t(6", "a long text with the number 6", "a long text with the number 47", "a long text )t"
     R"t(with the number 88", "a long text with the number 28", "a long text with the number )t"
     R"t(69", "a long text with the number 9", "a long text with the number 50", "a long text)t"
     R"t( with the number 91", "a long text with the number 31", "a long text with the number)t"
     R"t( 72", "a long text with the number 12", "a long text with the number 53", "a long te)t"
     R"t(xt with the number 94", "a long text with the number 34", "a long text with the numb)t"
     R"t(er 75", "a long text with the number 15", "a long text with the number 56", "a long )t"
     R"t(text with the number 97", "a long text with the number 37", "a long text with the nu)t"
     R"t(mber 78", "a long text with the number 18", "a long text with the number 59", "a lon)t"
     R"t(g text with the number 100", "a long text with the number 40", "a long text with the)t"
     R"t( number 81", "a long text with the number 21", "a long text with the number 62", "a )t"
     R"t(long text with the number 2", "a long text with the number 43", "a long text with th)t"
     R"t(e number 84"]])t"},
    {"sort", R"t([[1.5, 123456789012345678901234567890, 2, 1]])t"},
    {"all", R"t([[true, false]])t"},
    {"any", R"t([[true, false]])t"},
    {"internal.member_2",
     R"t([3, [0, 41, 82, 22, 63, 3, 44, 85, 25, 66, 6, 47, 88, 28, 69, 9, 50, 91, 31, 72, 12,)t"
     R"t( 53, 94, 34, 75, 15, 56, 97, 37, 78, 18, 59, 100, 40, 81, 21, 62, 2, 43, 84, 24, 65,)t"
     R"t( 5, 46, 87, 27, 68, 8, 49, 90, 30, 71, 11, 52, 93, 33, 74, 14, 55, 96, 36, 77, 17, 5)t"
     R"t(8, 99, 39, 80, 20, 61, 1, 42, 83, 23, 64, 4, 45, 86, 26, 67, 7, 48, 89, 29, 70, 10, )t"
     R"t(51, 92, 32, 73, 13, 54, 95, 35, 76, 16, 57, 98, 38, 79, 19]])t"},
    {"internal.member_2",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."]])t"},
    {"internal.member_3", R"t(["a", 1, {"a": 1}])t"},
    {"array.concat",
     R"t([[0, 41, 82, 22, 63, 3, 44, 85, 25, 66, 6, 47, 88, 28, 69, 9, 50, 91, 31, 72, 12, 53)t"
     R"t(, 94, 34, 75, 15, 56, 97, 37, 78, 18, 59, 100, 40, 81, 21, 62, 2, 43, 84, 24, 65, 5,)t"
     R"t( 46, 87, 27, 68, 8, 49, 90, 30, 71, 11, 52, 93, 33, 74, 14, 55, 96, 36, 77, 17, 58, )t"
     R"t(99, 39, 80, 20, 61, 1, 42, 83, 23, 64, 4, 45, 86, 26, 67, 7, 48, 89, 29, 70, 10, 51,)t"
     R"t( 92, 32, 73, 13, 54, 95, 35, 76, 16, 57, 98, 38, 79, 19], ["a long text with the num)t"
     R"t(ber 0", "a long text with the number 41", "a long text with the number 82", "a long )t"
     R"t(text with the number 22", "a long text with the number 63", "a long text with the nu)t"
     R"t(mber 3", "a long text with the number 44", "a long text with the number 85", "a long)t"
     R"t( text with the number 25", "a long text with the number 66", "a long text with the n)t"
     R"t(umber 6", "a long text with the number 47", "a long text with the number 88", "a lon)t"
     R"t(g text with the number 28", "a long text with the number 69", "a long text with the )t"
     R"t(number 9", "a long text with the number 50", "a long text with the number 91", "a lo)t"
     R"t(ng text with the number 31", "a long text with the number 72", "a long text with the)t"
     R"t( number 12", "a long text with the number 53", "a long text with the number 94", "a )t"
     R"t(long text with the number 34", "a long text with the number 75", "a long text with t)t"
     R"t(he number 15", "a long text with the number 56", "a long text with the number 97", ")t"
     R"t(a long text with the number 37", "a long text with the number 78", "a long text with)t"
     R"t( the number 18", "a long text with the number 59", "a long text with the number 100")t"
     R"t(, "a long text with the number 40", "a long text with the number 81", "a long text w)t"
     R"t(ith the number 21", "a long text with the number 62", "a long text with the number 2)t"
     R"t(", "a long text with the number 43", "a long text with the number 84"]])t"},
    {"array.flatten",
     R"t([[[1, 2], [0, 41, 82, 22, 63, 3, 44, 85, 25, 66, 6, 47, 88, 28, 69, 9, 50, 91, 31, 7)t"
     R"t(2, 12, 53, 94, 34, 75, 15, 56, 97, 37, 78, 18, 59, 100, 40, 81, 21, 62, 2, 43, 84, 2)t"
     R"t(4, 65, 5, 46, 87, 27, 68, 8, 49, 90, 30, 71, 11, 52, 93, 33, 74, 14, 55, 96, 36, 77,)t"
     R"t( 17, 58, 99, 39, 80, 20, 61, 1, 42, 83, 23, 64, 4, 45, 86, 26, 67, 7, 48, 89, 29, 70)t"
     R"t(, 10, 51, 92, 32, 73, 13, 54, 95, 35, 76, 16, 57, 98, 38, 79, 19], 3]])t"},
    {"array.slice",
     R"t([[0, 41, 82, 22, 63, 3, 44, 85, 25, 66, 6, 47, 88, 28, 69, 9, 50, 91, 31, 72, 12, 53)t"
     R"t(, 94, 34, 75, 15, 56, 97, 37, 78, 18, 59, 100, 40, 81, 21, 62, 2, 43, 84, 24, 65, 5,)t"
     R"t( 46, 87, 27, 68, 8, 49, 90, 30, 71, 11, 52, 93, 33, 74, 14, 55, 96, 36, 77, 17, 58, )t"
     R"t(99, 39, 80, 20, 61, 1, 42, 83, 23, 64, 4, 45, 86, 26, 67, 7, 48, 89, 29, 70, 10, 51,)t"
     R"t( 92, 32, 73, 13, 54, 95, 35, 76, 16, 57, 98, 38, 79, 19], 3, 50])t"},
    {"array.reverse",
     R"t([["a long text with the number 0", "a long text with the number 41", "a long text wi)t"
     R"t(th the number 82", "a long text with the number 22", "a long text with the number 63)t"
     R"t(", "a long text with the number 3", "a long text with the number 44", "a long text w)t"
     R"t(ith the number 85", "a long text with the number 25", "a long text with the number 6)t"
     R"t(6", "a long text with the number 6", "a long text with the number 47", "a long text )t"
     R"t(with the number 88", "a long text with the number 28", "a long text with the number )t"
     R"t(69", "a long text with the number 9", "a long text with the number 50", "a long text)t"
     R"t( with the number 91", "a long text with the number 31", "a long text with the number)t"
     R"t( 72", "a long text with the number 12", "a long text with the number 53", "a long te)t"
     R"t(xt with the number 94", "a long text with the number 34", "a long text with the numb)t"
     R"t(er 75", "a long text with the number 15", "a long text with the number 56", "a long )t"
     R"t(text with the number 97", "a long text with the number 37", "a long text with the nu)t"
     R"t(mber 78", "a long text with the number 18", "a long text with the number 59", "a lon)t"
     R"t(g text with the number 100", "a long text with the number 40", "a long text with the)t"
     R"t( number 81", "a long text with the number 21", "a long text with the number 62", "a )t"
     R"t(long text with the number 2", "a long text with the number 43", "a long text with th)t"
     R"t(e number 84"]])t"},
    {"and",
     R"t([{0, 41, 82, 22, 63, 3, 44, 85, 25, 66, 6, 47, 88, 28, 69, 9, 50, 91, 31, 72, 12, 53)t"
     R"t(, 94, 34, 75, 15, 56, 97, 37, 78, 18, 59, 100, 40, 81, 21, 62, 2, 43, 84, 24, 65, 5,)t"
     R"t( 46, 87, 27, 68, 8, 49, 90, 30, 71, 11, 52, 93, 33, 74, 14, 55, 96, 36, 77, 17, 58, )t"
     R"t(99, 39, 80, 20, 61, 1, 42, 83, 23, 64, 4, 45, 86, 26, 67, 7, 48, 89, 29, 70, 10, 51,)t"
     R"t( 92, 32, 73, 13, 54, 95, 35, 76, 16, 57, 98, 38, 79, 19}, {1, 2, 300}])t"},
    {"and",
     R"t([{0, 41, 82, 22, 63, 3, 44, 85, 25, 66, 6, 47, 88, 28, 69, 9, 50, 91, 31, 72, 12, 53)t"
     R"t(, 94, 34, 75, 15, 56, 97, 37, 78, 18, 59, 100, 40, 81, 21, 62, 2, 43, 84, 24, 65, 5,)t"
     R"t( 46, 87, 27, 68, 8, 49, 90, 30, 71, 11, 52, 93, 33, 74, 14, 55, 96, 36, 77, 17, 58, )t"
     R"t(99, 39, 80, 20, 61, 1, 42, 83, 23, 64, 4, 45, 86, 26, 67, 7, 48, 89, 29, 70, 10, 51,)t"
     R"t( 92, 32, 73, 13, 54, 95, 35, 76, 16, 57, 98, 38, 79, 19}, {"a long text with the num)t"
     R"t(ber 0", "a long text with the number 41", "a long text with the number 82", "a long )t"
     R"t(text with the number 22", "a long text with the number 63", "a long text with the nu)t"
     R"t(mber 3", "a long text with the number 44", "a long text with the number 85", "a long)t"
     R"t( text with the number 25", "a long text with the number 66", "a long text with the n)t"
     R"t(umber 6", "a long text with the number 47", "a long text with the number 88", "a lon)t"
     R"t(g text with the number 28", "a long text with the number 69", "a long text with the )t"
     R"t(number 9", "a long text with the number 50", "a long text with the number 91", "a lo)t"
     R"t(ng text with the number 31", "a long text with the number 72", "a long text with the)t"
     R"t( number 12", "a long text with the number 53", "a long text with the number 94", "a )t"
     R"t(long text with the number 34", "a long text with the number 75", "a long text with t)t"
     R"t(he number 15", "a long text with the number 56", "a long text with the number 97", ")t"
     R"t(a long text with the number 37", "a long text with the number 78", "a long text with)t"
     R"t( the number 18", "a long text with the number 59", "a long text with the number 100")t"
     R"t(, "a long text with the number 40", "a long text with the number 81", "a long text w)t"
     R"t(ith the number 21", "a long text with the number 62", "a long text with the number 2)t"
     R"t(", "a long text with the number 43", "a long text with the number 84"}])t"},
    {"or",
     R"t([{0, 41, 82, 22, 63, 3, 44, 85, 25, 66, 6, 47, 88, 28, 69, 9, 50, 91, 31, 72, 12, 53)t"
     R"t(, 94, 34, 75, 15, 56, 97, 37, 78, 18, 59, 100, 40, 81, 21, 62, 2, 43, 84, 24, 65, 5,)t"
     R"t( 46, 87, 27, 68, 8, 49, 90, 30, 71, 11, 52, 93, 33, 74, 14, 55, 96, 36, 77, 17, 58, )t"
     R"t(99, 39, 80, 20, 61, 1, 42, 83, 23, 64, 4, 45, 86, 26, 67, 7, 48, 89, 29, 70, 10, 51,)t"
     R"t( 92, 32, 73, 13, 54, 95, 35, 76, 16, 57, 98, 38, 79, 19}, {1, 2, 300}])t"},
    {"or",
     R"t([{0, 41, 82, 22, 63, 3, 44, 85, 25, 66, 6, 47, 88, 28, 69, 9, 50, 91, 31, 72, 12, 53)t"
     R"t(, 94, 34, 75, 15, 56, 97, 37, 78, 18, 59, 100, 40, 81, 21, 62, 2, 43, 84, 24, 65, 5,)t"
     R"t( 46, 87, 27, 68, 8, 49, 90, 30, 71, 11, 52, 93, 33, 74, 14, 55, 96, 36, 77, 17, 58, )t"
     R"t(99, 39, 80, 20, 61, 1, 42, 83, 23, 64, 4, 45, 86, 26, 67, 7, 48, 89, 29, 70, 10, 51,)t"
     R"t( 92, 32, 73, 13, 54, 95, 35, 76, 16, 57, 98, 38, 79, 19}, {"a long text with the num)t"
     R"t(ber 0", "a long text with the number 41", "a long text with the number 82", "a long )t"
     R"t(text with the number 22", "a long text with the number 63", "a long text with the nu)t"
     R"t(mber 3", "a long text with the number 44", "a long text with the number 85", "a long)t"
     R"t( text with the number 25", "a long text with the number 66", "a long text with the n)t"
     R"t(umber 6", "a long text with the number 47", "a long text with the number 88", "a lon)t"
     R"t(g text with the number 28", "a long text with the number 69", "a long text with the )t"
     R"t(number 9", "a long text with the number 50", "a long text with the number 91", "a lo)t"
     R"t(ng text with the number 31", "a long text with the number 72", "a long text with the)t"
     R"t( number 12", "a long text with the number 53", "a long text with the number 94", "a )t"
     R"t(long text with the number 34", "a long text with the number 75", "a long text with t)t"
     R"t(he number 15", "a long text with the number 56", "a long text with the number 97", ")t"
     R"t(a long text with the number 37", "a long text with the number 78", "a long text with)t"
     R"t( the number 18", "a long text with the number 59", "a long text with the number 100")t"
     R"t(, "a long text with the number 40", "a long text with the number 81", "a long text w)t"
     R"t(ith the number 21", "a long text with the number 62", "a long text with the number 2)t"
     R"t(", "a long text with the number 43", "a long text with the number 84"}])t"},
    {"set_diff",
     R"t([{0, 41, 82, 22, 63, 3, 44, 85, 25, 66, 6, 47, 88, 28, 69, 9, 50, 91, 31, 72, 12, 53)t"
     R"t(, 94, 34, 75, 15, 56, 97, 37, 78, 18, 59, 100, 40, 81, 21, 62, 2, 43, 84, 24, 65, 5,)t"
     R"t( 46, 87, 27, 68, 8, 49, 90, 30, 71, 11, 52, 93, 33, 74, 14, 55, 96, 36, 77, 17, 58, )t"
     R"t(99, 39, 80, 20, 61, 1, 42, 83, 23, 64, 4, 45, 86, 26, 67, 7, 48, 89, 29, 70, 10, 51,)t"
     R"t( 92, 32, 73, 13, 54, 95, 35, 76, 16, 57, 98, 38, 79, 19}, {1, 2, 300}])t"},
    {"intersection",
     R"t([{{0, 41, 82, 22, 63, 3, 44, 85, 25, 66, 6, 47, 88, 28, 69, 9, 50, 91, 31, 72, 12, 5)t"
     R"t(3, 94, 34, 75, 15, 56, 97, 37, 78, 18, 59, 100, 40, 81, 21, 62, 2, 43, 84, 24, 65, 5)t"
     R"t(, 46, 87, 27, 68, 8, 49, 90, 30, 71, 11, 52, 93, 33, 74, 14, 55, 96, 36, 77, 17, 58,)t"
     R"t( 99, 39, 80, 20, 61, 1, 42, 83, 23, 64, 4, 45, 86, 26, 67, 7, 48, 89, 29, 70, 10, 51)t"
     R"t(, 92, 32, 73, 13, 54, 95, 35, 76, 16, 57, 98, 38, 79, 19}, {1, 2, 300}}])t"},
    {"union",
     R"t([{{0, 41, 82, 22, 63, 3, 44, 85, 25, 66, 6, 47, 88, 28, 69, 9, 50, 91, 31, 72, 12, 5)t"
     R"t(3, 94, 34, 75, 15, 56, 97, 37, 78, 18, 59, 100, 40, 81, 21, 62, 2, 43, 84, 24, 65, 5)t"
     R"t(, 46, 87, 27, 68, 8, 49, 90, 30, 71, 11, 52, 93, 33, 74, 14, 55, 96, 36, 77, 17, 58,)t"
     R"t( 99, 39, 80, 20, 61, 1, 42, 83, 23, 64, 4, 45, 86, 26, 67, 7, 48, 89, 29, 70, 10, 51)t"
     R"t(, 92, 32, 73, 13, 54, 95, 35, 76, 16, 57, 98, 38, 79, 19}, {"a long text with the nu)t"
     R"t(mber 0", "a long text with the number 41", "a long text with the number 82", "a long)t"
     R"t( text with the number 22", "a long text with the number 63", "a long text with the n)t"
     R"t(umber 3", "a long text with the number 44", "a long text with the number 85", "a lon)t"
     R"t(g text with the number 25", "a long text with the number 66", "a long text with the )t"
     R"t(number 6", "a long text with the number 47", "a long text with the number 88", "a lo)t"
     R"t(ng text with the number 28", "a long text with the number 69", "a long text with the)t"
     R"t( number 9", "a long text with the number 50", "a long text with the number 91", "a l)t"
     R"t(ong text with the number 31", "a long text with the number 72", "a long text with th)t"
     R"t(e number 12", "a long text with the number 53", "a long text with the number 94", "a)t"
     R"t( long text with the number 34", "a long text with the number 75", "a long text with )t"
     R"t(the number 15", "a long text with the number 56", "a long text with the number 97", )t"
     R"t("a long text with the number 37", "a long text with the number 78", "a long text wit)t"
     R"t(h the number 18", "a long text with the number 59", "a long text with the number 100)t"
     R"t(", "a long text with the number 40", "a long text with the number 81", "a long text )t"
     R"t(with the number 21", "a long text with the number 62", "a long text with the number )t"
     R"t(2", "a long text with the number 43", "a long text with the number 84"}}])t"},
    {"graph.reachable", R"t([{"a": ["b", "c"], "b": ["d", "a"], "c": {"d"}, "d": []}, ["a"]])t"},
    {"graph.reachable",
     R"t([{"a": ["b", "c"], "b": ["d", "a"], "c": {"d"}, "d": []}, {"a", "b"}])t"},
    {"graph.reachable_paths",
     R"t([{"a": ["b", "c"], "b": ["d", "a"], "c": {"d"}, "d": []}, ["a"]])t"},
    {"graph.reachable_paths",
     R"t([{"a": ["b", "c"], "b": ["d", "a"], "c": {"d"}, "d": []}, {"a", "b"}])t"},
    {"walk",
     R"t([{"a": [1, {"b": {2, 3}}], "c": "The quick brown fox jumps over the lazy dog, and th)t"
     R"t(en it goes on for some more."}])t"},
    {"crypto.md5",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"crypto.sha1",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"crypto.sha256",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"crypto.hmac.md5",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("a key that is no secret"])t"},
    {"crypto.hmac.sha1",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("a key that is no secret"])t"},
    {"crypto.hmac.sha256",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("a key that is no secret"])t"},
    {"crypto.hmac.sha512",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("a key that is no secret"])t"},
    {"crypto.hmac.equal",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("a key that is no secret"])t"},
    {"json.marshal",
     R"t([{"name": "The quick brown fox jumps over the lazy dog, and then it goes on for some)t"
     R"t( more.", "list": [1, 2.5, {"a": null}], "n": 123456789012345678901234567890}])t"},
    {"json.marshal", R"t([{123456789012345678901234567890, "b"}])t"},
    {"json.marshal_with_options",
     R"t([{"name": "The quick brown fox jumps over the lazy dog, and then it goes on for some)t"
     R"t( more.", "list": [1, 2.5, {"a": null}], "n": 123456789012345678901234567890}, {"inde)t"
     R"t(nt": "      ", "prefix": "a prefix of some length"}])t"},
    {"json.marshal_with_options",
     R"t([{"name": "The quick brown fox jumps over the lazy dog, and then it goes on for some)t"
     R"t( more.", "list": [1, 2.5, {"a": null}], "n": 123456789012345678901234567890}, {"pret)t"
     R"t(ty": false}])t"},
    {"json.unmarshal",
     R"t(["{\"name\": \"The quick brown fox jumps over the lazy dog, and then it goes on for )t"
     R"t(some more.\", \"list\": [1, 2.5, {\"a\": null}], \"n\": 1234567890123456789012345678)t"
     R"t(90}"])t"},
    {"json.unmarshal", R"t(["[1e5, 0.1234567890123456789]"])t"},
    {"json.is_valid",
     R"t(["{\"name\": \"The quick brown fox jumps over the lazy dog, and then it goes on for )t"
     R"t(some more.\", \"list\": [1, 2.5, {\"a\": null}], \"n\": 1234567890123456789012345678)t"
     R"t(90}"])t"},
    {"json.is_valid", R"t(["{"])t"},
    {"json.is_valid", R"t([1])t"},
    {"base64.encode",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"base64.encode", R"t(["ÄÖÜ und noch ein längerer Text, mit Zeichen außerhalb von ASCII"])t"},
    {"base64url.encode",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"base64url.encode",
     R"t(["ÄÖÜ und noch ein längerer Text, mit Zeichen außerhalb von ASCII"])t"},
    {"base64url.encode_no_pad",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"base64url.encode_no_pad",
     R"t(["ÄÖÜ und noch ein längerer Text, mit Zeichen außerhalb von ASCII"])t"},
    {"hex.encode",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"hex.encode", R"t(["ÄÖÜ und noch ein längerer Text, mit Zeichen außerhalb von ASCII"])t"},
    {"urlquery.encode",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"urlquery.encode", R"t(["ÄÖÜ und noch ein längerer Text, mit Zeichen außerhalb von ASCII"])t"},
    {"base64.decode",
     R"t(["VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZywgYW5kIHRoZW4gaXQgZ29lcy)t"
     R"t(BvbiBmb3Igc29tZSBtb3JlLg=="])t"},
    {"base64.is_valid",
     R"t(["VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZywgYW5kIHRoZW4gaXQgZ29lcy)t"
     R"t(BvbiBmb3Igc29tZSBtb3JlLg=="])t"},
    {"base64.is_valid",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"base64url.decode",
     R"t(["VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZywgYW5kIHRoZW4gaXQgZ29lcy)t"
     R"t(BvbiBmb3Igc29tZSBtb3JlLg"])t"},
    {"hex.decode",
     R"t(["54686520717569636b2062726f776e20666f78206a756d7073206f76657220746865206c617a792064)t"
     R"t(6f672c20616e64207468656e20697420676f6573206f6e20666f7220736f6d65206d6f72652e"])t"},
    {"urlquery.decode",
     R"t(["The+quick+brown+fox+jumps+over+the+lazy+dog%2C+and+then+it+goes+on+for+some+more.")t"
     R"t(])t"},
    {"urlquery.encode_object",
     R"t([{"a key of some length": "The quick brown fox jumps over the lazy dog, and then it )t"
     R"t(goes on for some more.", "b": ["1", "2 and more"], "c": {"x"}}])t"},
    {"urlquery.decode_object",
     R"t(["a+key+of+some+length=The+quick+brown+fox+jumps+over+the+lazy+dog%2C+and+then+it+go)t"
     R"t(es+on+for+some+more.&b=1&b=2&c="])t"},
    {"yaml.unmarshal",
     R"t(["a: [1, The quick brown fox jumps over the lazy dog and then it goes on for some mo)t"
     R"t(re.]"])t"},
    {"yaml.is_valid", R"t(["a: [1, two]"])t"},
    {"yaml.marshal",
     R"t([{"name": "The quick brown fox jumps over the lazy dog, and then it goes on for some)t"
     R"t( more.", "list": [1, 2.5, {"a": null}], "n": 123456789012345678901234567890}])t"},
    {"graphql.parse",
     R"t(["{ a b(c: \"x\") { a } }", "type Query { a: Int b(c: String): [Query] }"])t"},
    {"graphql.parse_and_verify",
     R"t(["{ a b(c: \"x\") { a } }", "type Query { a: Int b(c: String): [Query] }"])t"},
    {"graphql.parse_query", R"t(["{ a b(c: \"x\") { a } }"])t"},
    {"graphql.parse_schema", R"t(["type Query { a: Int b(c: String): [Query] }"])t"},
    {"graphql.is_valid",
     R"t(["{ a b(c: \"x\") { a } }", "type Query { a: Int b(c: String): [Query] }"])t"},
    {"graphql.schema_is_valid", R"t(["type Query { a: Int b(c: String): [Query] }"])t"},
    {"rego.parse_module", R"t(["p.rego", "package p\na := 1"])t"},
    {"strings.render_template",
     R"t(["{{.a}} and {{.b}}", {"a": "The quick brown fox jumps over the lazy dog, and then i)t"
     R"t(t goes on for some more.", "b": 1}])t"},
    {"uri.parse", R"t(["https://user@example.com:8080/a/path/of/some/length?q=1#part"])t"},
    {"uri.is_valid", R"t(["https://example.com/a/path/of/some/length"])t"},
    {"uri.is_valid",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"net.cidr_intersects", R"t(["10.0.0.0/8", "10.1.0.0/16"])t"},
    {"net.cidr_intersects", R"t(["2001:db8:aaaa:bbbb::/64", "2001:db8:aaaa::/48"])t"},
    {"net.cidr_contains", R"t(["10.0.0.0/8", "10.1.255.255"])t"},
    {"net.cidr_contains",
     R"t(["2001:db8:aaaa:bbbb::/64", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"])t"},
    {"net.cidr_contains", R"t(["192.168.100.0/24", "192.168.100.128/25"])t"},
    {"net.cidr_overlap", R"t(["10.0.0.0/8", "10.1.255.255"])t"},
    {"net.cidr_overlap",
     R"t(["2001:db8:aaaa:bbbb::/64", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"])t"},
    {"net.cidr_overlap", R"t(["192.168.100.0/24", "192.168.100.128/25"])t"},
    {"net.cidr_contains_matches",
     R"t([["10.0.0.0/8", "192.168.100.0/24"], {"10.1.0.0/16", "192.168.100.100"}])t"},
    {"net.cidr_expand", R"t(["192.168.100.0/28"])t"},
    {"net.cidr_expand", R"t(["2001:db8:aaaa:bbbb:cccc:dddd:eeee:0/124"])t"},
    {"net.cidr_merge",
     R"t([["192.168.100.0/25", "192.168.100.128/25", "2001:db8:aaaa:bbbb::/65", "2001:db8:aaa)t"
     R"t(a:bbbb:8000::/65"]])t"},
    {"net.cidr_is_valid", R"t(["192.168.100.100/24"])t"},
    {"net.cidr_is_valid",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"object.union",
     R"t([{"a": {"b": 1, "c": [1, 2]}, "d": "The quick brown fox jumps over the lazy dog, and)t"
     R"t( then it goes on for some more."}, {"a": {"b": 2}, "e": 1234567890123456789012345678)t"
     R"t(90}])t"},
    {"object.union_n",
     R"t([[{"a": {"b": 1, "c": [1, 2]}, "d": "The quick brown fox jumps over the lazy dog, an)t"
     R"t(d then it goes on for some more."}, {"a": {"b": 2}, "e": 123456789012345678901234567)t"
     R"t(890}, {"f": 1}]])t"},
    {"object.remove",
     R"t([{"a": {"b": 1, "c": [1, 2]}, "d": "The quick brown fox jumps over the lazy dog, and)t"
     R"t( then it goes on for some more."}, ["a"]])t"},
    {"object.remove",
     R"t([{"a": {"b": 1, "c": [1, 2]}, "d": "The quick brown fox jumps over the lazy dog, and)t"
     R"t( then it goes on for some more."}, {"d": 1}])t"},
    {"object.filter",
     R"t([{"a": {"b": 1, "c": [1, 2]}, "d": "The quick brown fox jumps over the lazy dog, and)t"
     R"t( then it goes on for some more."}, {"a"}])t"},
    {"object.keys",
     R"t([{"a": {"b": 1, "c": [1, 2]}, "d": "The quick brown fox jumps over the lazy dog, and)t"
     R"t( then it goes on for some more."}])t"},
    {"object.get",
     R"t([{"a": {"b": 1, "c": [1, 2]}, "d": "The quick brown fox jumps over the lazy dog, and)t"
     R"t( then it goes on for some more."}, ["a", "c", 1], 0])t"},
    {"object.get",
     R"t([{"a": {"b": 1, "c": [1, 2]}, "d": "The quick brown fox jumps over the lazy dog, and)t"
     R"t( then it goes on for some more."}, "x", 0])t"},
    {"object.subset",
     R"t([{"a": {"b": 1, "c": [1, 2]}, "d": "The quick brown fox jumps over the lazy dog, and)t"
     R"t( then it goes on for some more."}, {"a": {"b": 1}}])t"},
    {"object.subset", R"t([{1, 2}, {2}])t"},
    {"object.subset", R"t([[1, 2, 3], [2, 3]])t"},
    {"json.remove",
     R"t([{"a": {"b": 1, "c": [1, 2]}, "d": "The quick brown fox jumps over the lazy dog, and)t"
     R"t( then it goes on for some more."}, ["a/b", ["d"], "a/c/0"]])t"},
    {"json.filter",
     R"t([{"a": {"b": 1, "c": [1, 2]}, "d": "The quick brown fox jumps over the lazy dog, and)t"
     R"t( then it goes on for some more."}, {"a/b", "d"}])t"},
    {"json.filter",
     R"t([{"a longer key than twelve": {"and another long one": 1}}, ["a longer key than twel)t"
     R"t(ve/and another long one"]])t"},
    {"json.patch",
     R"t([{"a": {"b": 1, "c": [1, 2]}, "d": "The quick brown fox jumps over the lazy dog, and)t"
     R"t( then it goes on for some more."}, [{"op": "add", "path": "a/x", "value": 1}, {"op":)t"
     R"t( "replace", "path": "/a/c/0", "value": "The quick brown fox jumps over the lazy dog,)t"
     R"t( and then it goes on for some more."}, {"op": "move", "from": "/d", "path": "/e"}, {)t"
     R"t("op": "remove", "path": ["a", "b"]}, {"op": "test", "path": "/a/x", "value": 1}]])t"},
    {"regex.is_valid", R"t(["^a+[b-d]*$"])t"},
    {"regex.match",
     R"t(["^The .* (fox|dog)", "The quick brown fox jumps over the lazy dog, and then it goes)t"
     R"t( on for some more."])t"},
    {"regex.match", R"t(["[äö]+", "ÄÖÜ äö"])t"},
    {"re_match",
     R"t(["dog", "The quick brown fox jumps over the lazy dog, and then it goes on for some m)t"
     R"t(ore."])t"},
    {"regex.split",
     R"t([" +", "The quick brown fox jumps over the lazy dog, and then it goes on for some mo)t"
     R"t(re."])t"},
    {"regex.find_n",
     R"t(["[a-z]+", "The quick brown fox jumps over the lazy dog, and then it goes on for som)t"
     R"t(e more.", -1])t"},
    {"regex.find_all_string_submatch_n",
     R"t(["([a-z])([a-z]+)", "The quick brown fox jumps over the lazy dog, and then it goes o)t"
     R"t(n for some more.", -1])t"},
    {"regex.replace",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("o([a-z])", "<$1>"])t"},
    {"regex.template_match", R"t(["urn:foo:{.*}", "urn:foo:bar:baz", "{", "}"])t"},
    {"regex.globs_match", R"t(["a.a.[0-9]+z", "a.b.[0-9]*z"])t"},
    {"glob.match", R"t(["*.github.com", [], "api.github.com"])t"},
    {"glob.match", R"t(["{cat,bat,[fr]at}*x", ["/", "."], "ratax"])t"},
    {"glob.quote_meta", R"t(["*.github.com and some more text"])t"},
    {"json.match_schema",
     R"t([{"a": 1}, {"type": "object", "properties": {"a": {"type": "integer"}}}])t"},
    {"json.verify_schema", R"t([{"type": "object"}])t"},
    {"strings.any_prefix_match",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t(["The quick", "a lazy dog and more", "b"]])t"},
    {"strings.any_prefix_match",
     R"t([["base 0 of many", "base 1 of many", "base 2 of many", "base 3 of many", "base 4 of)t"
     R"t( many", "base 5 of many", "base 6 of many", "base 7 of many", "base 8 of many", "bas)t"
     R"t(e 9 of many", "base 10 of many", "base 11 of many", "base 12 of many", "base 13 of m)t"
     R"t(any", "base 14 of many", "base 15 of many", "base 16 of many", "base 17 of many", "b)t"
     R"t(ase 18 of many", "base 19 of many", "base 20 of many", "base 21 of many", "base 22 o)t"
     R"t(f many", "base 23 of many", "base 24 of many", "base 25 of many", "base 26 of many",)t"
     R"t( "base 27 of many", "base 28 of many", "base 29 of many", "base 30 of many", "base 3)t"
     R"t(1 of many", "base 32 of many", "base 33 of many", "base 34 of many", "base 35 of man)t"
     R"t(y", "base 36 of many", "base 37 of many", "base 38 of many", "base 39 of many"], ["b)t"
     R"t(ase 0 of many", "base 1 of many", "base 2 of many", "base 3 of many", "base 4 of man)t"
     R"t(y", "base 5 of many", "base 6 of many", "base 7 of many", "base 8 of many", "base 9 )t"
     R"t(of many", "base 10 of many", "base 11 of many", "base 12 of many", "base 13 of many")t"
     R"t(, "base 14 of many", "base 15 of many", "base 16 of many", "base 17 of many", "base )t"
     R"t(18 of many", "base 19 of many", "base 20 of many", "base 21 of many", "base 22 of ma)t"
     R"t(ny", "base 23 of many", "base 24 of many", "base 25 of many", "base 26 of many", "ba)t"
     R"t(se 27 of many", "base 28 of many", "base 29 of many", "base 30 of many", "base 31 of)t"
     R"t( many", "base 32 of many", "base 33 of many", "base 34 of many", "base 35 of many", )t"
     R"t("base 36 of many", "base 37 of many", "base 38 of many", "base 39 of many"]])t"},
    {"strings.any_suffix_match",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t(["The quick", "a lazy dog and more", "b"]])t"},
    {"strings.any_suffix_match",
     R"t([["base 0 of many", "base 1 of many", "base 2 of many", "base 3 of many", "base 4 of)t"
     R"t( many", "base 5 of many", "base 6 of many", "base 7 of many", "base 8 of many", "bas)t"
     R"t(e 9 of many", "base 10 of many", "base 11 of many", "base 12 of many", "base 13 of m)t"
     R"t(any", "base 14 of many", "base 15 of many", "base 16 of many", "base 17 of many", "b)t"
     R"t(ase 18 of many", "base 19 of many", "base 20 of many", "base 21 of many", "base 22 o)t"
     R"t(f many", "base 23 of many", "base 24 of many", "base 25 of many", "base 26 of many",)t"
     R"t( "base 27 of many", "base 28 of many", "base 29 of many", "base 30 of many", "base 3)t"
     R"t(1 of many", "base 32 of many", "base 33 of many", "base 34 of many", "base 35 of man)t"
     R"t(y", "base 36 of many", "base 37 of many", "base 38 of many", "base 39 of many"], ["b)t"
     R"t(ase 0 of many", "base 1 of many", "base 2 of many", "base 3 of many", "base 4 of man)t"
     R"t(y", "base 5 of many", "base 6 of many", "base 7 of many", "base 8 of many", "base 9 )t"
     R"t(of many", "base 10 of many", "base 11 of many", "base 12 of many", "base 13 of many")t"
     R"t(, "base 14 of many", "base 15 of many", "base 16 of many", "base 17 of many", "base )t"
     R"t(18 of many", "base 19 of many", "base 20 of many", "base 21 of many", "base 22 of ma)t"
     R"t(ny", "base 23 of many", "base 24 of many", "base 25 of many", "base 26 of many", "ba)t"
     R"t(se 27 of many", "base 28 of many", "base 29 of many", "base 30 of many", "base 31 of)t"
     R"t( many", "base 32 of many", "base 33 of many", "base 34 of many", "base 35 of many", )t"
     R"t("base 36 of many", "base 37 of many", "base 38 of many", "base 39 of many"]])t"},
    {"format_int", R"t([255, 16])t"},
    {"format_int", R"t([123456789012345678901234567890, 2])t"},
    {"format_int", R"t([1234567890123456.5, 10])t"},
    {"concat",
     R"t([", and then ", ["a long text with the number 0", "a long text with the number 41", )t"
     R"t("a long text with the number 82", "a long text with the number 22", "a long text wit)t"
     R"t(h the number 63", "a long text with the number 3", "a long text with the number 44",)t"
     R"t( "a long text with the number 85", "a long text with the number 25", "a long text wi)t"
     R"t(th the number 66", "a long text with the number 6", "a long text with the number 47")t"
     R"t(, "a long text with the number 88", "a long text with the number 28", "a long text w)t"
     R"t(ith the number 69", "a long text with the number 9", "a long text with the number 50)t"
     R"t(", "a long text with the number 91", "a long text with the number 31", "a long text )t"
     R"t(with the number 72", "a long text with the number 12", "a long text with the number )t"
     R"t(53", "a long text with the number 94", "a long text with the number 34", "a long tex)t"
     R"t(t with the number 75", "a long text with the number 15", "a long text with the numbe)t"
     R"t(r 56", "a long text with the number 97", "a long text with the number 37", "a long t)t"
     R"t(ext with the number 78", "a long text with the number 18", "a long text with the num)t"
     R"t(ber 59", "a long text with the number 100", "a long text with the number 40", "a lon)t"
     R"t(g text with the number 81", "a long text with the number 21", "a long text with the )t"
     R"t(number 62", "a long text with the number 2", "a long text with the number 43", "a lo)t"
     R"t(ng text with the number 84"]])t"},
    {"concat", R"t(["", {"a", "b"}])t"},
    {"indexof",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("lazy dog"])t"},
    {"indexof", R"t(["ÄÖÜ und mehr als fünfzehn", "fünf"])t"},
    {"indexof_n",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("o"])t"},
    {"substring",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t(4, 40])t"},
    {"substring", R"t(["ÄÖÜ und mehr als fünfzehn", 1, -1])t"},
    {"contains",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("some more."])t"},
    {"startswith",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("some more."])t"},
    {"endswith",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("some more."])t"},
    {"strings.count",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("some more."])t"},
    {"lower",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"lower", R"t(["ÄÖÜ und noch ein längerer Text, mit Zeichen außerhalb von ASCII"])t"},
    {"upper",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"upper", R"t(["ÄÖÜ und noch ein längerer Text, mit Zeichen außerhalb von ASCII"])t"},
    {"trim_space",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"trim_space", R"t(["ÄÖÜ und noch ein längerer Text, mit Zeichen außerhalb von ASCII"])t"},
    {"strings.reverse",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more."])t"},
    {"strings.reverse", R"t(["ÄÖÜ und noch ein längerer Text, mit Zeichen außerhalb von ASCII"])t"},
    {"split",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t(" "])t"},
    {"split",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t(""])t"},
    {"strings.split_n",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t(" ", 3])t"},
    {"replace",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("o", "a longer text"])t"},
    {"replace",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("", "-"])t"},
    {"strings.replace_n",
     R"t([{"o": "a longer text", "dog": "cat"}, "The quick brown fox jumps over the lazy dog,)t"
     R"t( and then it goes on for some more."])t"},
    {"trim",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("The .ermo"])t"},
    {"trim", R"t(["äöü und mehr als fünfzehn äöü", "äöü "])t"},
    {"trim_left",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("The .ermo"])t"},
    {"trim_left", R"t(["äöü und mehr als fünfzehn äöü", "äöü "])t"},
    {"trim_right",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("The .ermo"])t"},
    {"trim_right", R"t(["äöü und mehr als fünfzehn äöü", "äöü "])t"},
    {"trim_prefix",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("The quick brown fox jumps"])t"},
    {"trim_suffix",
     R"t(["The quick brown fox jumps over the lazy dog, and then it goes on for some more.", )t"
     R"t("The quick brown fox jumps"])t"},
    {"sprintf",
     R"t(["%s is %d years and %v", ["The quick brown fox jumps over the lazy dog, and then it)t"
     R"t( goes on for some more.", 42, [1, "a", {"b": 2}]]])t"},
    {"sprintf", R"t(["%v %v %.2f", [0.12345678901234567, 1234567890123456.7, 1e20]])t"},
    {"sprintf",
     R"t(["%d %v", [123456789012345678901234567890, -123456789012345678901234567890]])t"},
    {"sprintf", R"t(["%.3f%%", [1234567890123456789.125]])t"},
    {"internal.template_string",
     R"t([["a text ", {123456789012345678901234567890}, " and ", {"The quick brown fox jumps )t"
     R"t(over the lazy dog, and then it goes on for some more."}, set()]])t"},
    {"time.now_ns", R"t([])t"},
    {"time.parse_ns", R"t(["2006-01-02T15:04:05Z07:00", "2024-05-06T07:08:09+02:00"])t"},
    {"time.parse_ns", R"t(["RFC1123", "Mon, 06 May 2024 07:08:09 UTC"])t"},
    {"time.parse_rfc3339_ns", R"t(["2024-05-06T07:08:09.123456789Z"])t"},
    {"time.parse_duration_ns", R"t(["1h15m30.918273645s"])t"},
    {"time.parse_duration_ns", R"t(["1d12h30m15.5s"])t"},
    {"time.date", R"t([1700000000123456789])t"},
    {"time.date", R"t([[1700000000123456789, "America/New_York"]])t"},
    {"time.clock", R"t([1700000000123456789])t"},
    {"time.clock", R"t([[1700000000123456789, "America/New_York"]])t"},
    {"time.weekday", R"t([1700000000123456789])t"},
    {"time.weekday", R"t([[1700000000123456789, "America/New_York"]])t"},
    {"time.format", R"t([1700000000123456789])t"},
    {"time.format", R"t([[1700000000123456789, "America/New_York"]])t"},
    {"time.format",
     R"t([[1700000000123456789, "Europe/Berlin", "Monday, 02-Jan-06 15:04:05 MST -0700"]])t"},
    {"time.add_date", R"t([[1700000000123456789, "America/New_York"], 1, 2, 3])t"},
    {"time.add_date", R"t([1700000000123456789, -1, 0, 40])t"},
    {"time.diff", R"t([1700000000123456789, [1600000000000000000, "Asia/Tokyo"]])t"},
    {"units.parse", R"t(["10Gi"])t"},
    {"units.parse", R"t(["1.5m"])t"},
    {"units.parse", R"t(["123456789012345678901234567890k"])t"},
    {"units.parse", R"t(["0.123456789"])t"},
    {"units.parse_bytes", R"t(["10GiB"])t"},
    {"units.parse_bytes", R"t(["1.5MB"])t"},
    {"units.parse_bytes", R"t(["123456789012345678901234567890KB"])t"},
    {"semver.compare", R"t(["1.22.2-alpha.beta.1+build", "1.22.2-alpha.beta.2"])t"},
    {"semver.is_valid", R"t(["1.22.2-alpha.beta.1+build.of.today"])t"},
    {"semver.is_valid", R"t([1])t"},
    {"uuid.parse", R"t(["6ba7b810-9dad-11d1-80b4-00c04fd430c8"])t"},
    {"uuid.parse", R"t(["urn:uuid:f47ac10b-58cc-4372-a567-0e02b2c3d479"])t"},
    {"uuid.rfc4122", R"t(["a key of some length"])t"},
    {"io.jwt.decode",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA"])t"},
    {"io.jwt.verify_hs256",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA", "a key of )t"
     R"t(some length"])t"},
    {"io.jwt.verify_hs384",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA", "a key of )t"
     R"t(some length"])t"},
    {"io.jwt.verify_hs512",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA", "a key of )t"
     R"t(some length"])t"},
    {"io.jwt.verify_rs256",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA", "a key of )t"
     R"t(some length"])t"},
    {"io.jwt.verify_rs384",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA", "a key of )t"
     R"t(some length"])t"},
    {"io.jwt.verify_rs512",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA", "a key of )t"
     R"t(some length"])t"},
    {"io.jwt.verify_ps256",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA", "a key of )t"
     R"t(some length"])t"},
    {"io.jwt.verify_ps384",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA", "a key of )t"
     R"t(some length"])t"},
    {"io.jwt.verify_ps512",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA", "a key of )t"
     R"t(some length"])t"},
    {"io.jwt.verify_es256",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA", "a key of )t"
     R"t(some length"])t"},
    {"io.jwt.verify_es384",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA", "a key of )t"
     R"t(some length"])t"},
    {"io.jwt.verify_es512",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA", "a key of )t"
     R"t(some length"])t"},
    {"io.jwt.verify_eddsa",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA", "a key of )t"
     R"t(some length"])t"},
    {"io.jwt.decode_verify",
     R"t(["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.AAAA", {"secret":)t"
     R"t( "a key of some length"}])t"},
    {"io.jwt.encode_sign", R"t([{"alg": "HS256"}, {}, {"kty": "oct", "k": "d29yZA"}])t"},
    {"io.jwt.encode_sign_raw", R"t([`{"alg": "HS256"}`, "{}", `{"kty": "oct", "k": "d29yZA"}`])t"},
    {"providers.aws.sign_req",
     R"t([{"method": "get", "url": "https://example.com/"}, {"aws_access_key": "a", "aws_secr)t"
     R"t(et_access_key": "b", "aws_service": "ec2", "aws_region": "c"}, 1700000000000000000])t"},
    {"crypto.parse_private_keys", R"t(["a text of some length"])t"},
    {"crypto.x509.parse_and_verify_certificates", R"t(["a text of some length"])t"},
    {"crypto.x509.parse_certificate_request", R"t(["a text of some length"])t"},
    {"crypto.x509.parse_certificates", R"t(["a text of some length"])t"},
    {"crypto.x509.parse_rsa_private_key", R"t(["a text of some length"])t"},
    {"crypto.x509.parse_and_verify_certificates_with_options",
     R"t(["a text of some length", {}])t"},
    {"crypto.x509.parse_keypair", R"t(["a text of some length", "another one"])t"},
    {"json.marshal keys", R"t([{["a key that is no text", 1]: 1}])t"},
    {"sprintf %5d", R"t(["a number: %5d and a text", [42]])t"},
    {"sprintf %x", R"t(["a number: %x and a text", [42]])t"},
    {"sprintf %e", R"t(["a number: %e and a text", [4.2]])t"},
    {"internal.test_case", R"t([["a", {"b"}]])t"},
    {"rego.metadata.chain", R"t([])t"},
    {"rego.metadata.rule", R"t([])t"},
};

}  // namespace merlon::rego
