#include "datasets/pickle.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using namespace std::string_literals;
using tapegrad::testing::expect_error;

namespace {

/// A pickle of protocol 2 with these opcodes between PROTO and STOP.
Pickle read(const std::string& opcodes) { return Pickle("file", "\x80\x02"s + opcodes + "."); }

void expect_refused(const std::string& opcodes, std::initializer_list<std::string> parts) {
    expect_error<DataError>([&] { read(opcodes); }, parts);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datasets_pickle)

BOOST_AUTO_TEST_CASE(integers_of_every_width_are_read) {
    for (const auto& [opcodes, value] :
         {std::pair{"K\xff"s, 255}, std::pair{"M\x01\xff"s, 65281}, std::pair{"J\xfe\xff\xff\xff"s, -2},
          std::pair{"J\x01\x02\x03\x04"s, 67305985}}) {
        const Pickle pickle = read(opcodes);
        BOOST_CHECK_EQUAL(pickle.integer(pickle.root()), value);
    }
}

BOOST_AUTO_TEST_CASE(short_and_long_strings_are_read) {
    const std::string text = std::string(300, 'x') + '\0';
    const Pickle brief = read("U\3a\0b"s), lengthy = read("T\x2d\x01\0\0"s + text);
    BOOST_CHECK_EQUAL(brief.bytes(brief.root()), "a\0b"s);
    BOOST_CHECK_EQUAL(lengthy.bytes(lengthy.root()), text);
}

BOOST_AUTO_TEST_CASE(lists_grow_by_one_and_by_many) {
    const Pickle pickle = read("]K\1a(K\2K\3e"s);
    const auto items = pickle.list(pickle.root());
    BOOST_REQUIRE_EQUAL(items.size(), 3);
    for (int i = 0; i < 3; ++i) BOOST_CHECK_EQUAL(pickle.integer(items[i]), i + 1);
}

BOOST_AUTO_TEST_CASE(tuples_of_every_size_are_read) {
    for (const auto& [opcodes, size] : {std::pair{")"s, 0}, std::pair{"K\0\x85"s, 1}, std::pair{"K\0K\1\x86"s, 2},
                                        std::pair{"K\0K\1K\2\x87"s, 3}, std::pair{"(K\0K\1K\2K\3t"s, 4}}) {
        const Pickle pickle = read(opcodes);
        const auto items = pickle.tuple(pickle.root(), static_cast<std::size_t>(size));
        for (int i = 0; i < size; ++i) BOOST_CHECK_EQUAL(pickle.integer(items[i]), i);
    }
}

BOOST_AUTO_TEST_CASE(dicts_find_their_entries) {
    const Pickle pickle = read("}U\1aK\1s(U\1bK\2U\1cNu"s);
    BOOST_CHECK_EQUAL(pickle.integer(pickle.entry(pickle.root(), "a")), 1);
    BOOST_CHECK_EQUAL(pickle.integer(pickle.entry(pickle.root(), "b")), 2);
    BOOST_CHECK(pickle.entry(pickle.root(), "c").kind == PickledValue::Kind::none);
    expect_error<DataError>([&] { pickle.entry(pickle.root(), "d"); }, {"a dict with 'd'"});
}

BOOST_AUTO_TEST_CASE(objects_keep_class_arguments_and_state) {
    const Pickle pickle = read("cnumpy\ndtype\nU\2f4\x85RK\7b"s);
    const PickledObject& object = pickle.object(pickle.root(), "numpy dtype");
    BOOST_CHECK_EQUAL(pickle.bytes(pickle.tuple(object.arguments, 1)[0]), "f4");
    BOOST_CHECK_EQUAL(pickle.integer(object.state), 7);
    expect_error<DataError>([&] { pickle.object(pickle.root(), "dict"); }, {"'dict'", "'numpy dtype'"});
}

BOOST_AUTO_TEST_CASE(memo_gives_values_back_by_short_and_long_numbers) {
    const Pickle pickle = read("(K\5q\3h\3K\6r\4\3\2\1j\4\3\2\1t"s);
    const auto items = pickle.tuple(pickle.root(), 4);
    const int expected[] = {5, 5, 6, 6};
    for (int i = 0; i < 4; ++i) BOOST_CHECK_EQUAL(pickle.integer(items[i]), expected[i]);
}

BOOST_AUTO_TEST_CASE(memorised_list_is_one_list) {
    const Pickle pickle = read("]q\1h\1K\1a\x86"s);
    const auto pair = pickle.tuple(pickle.root(), 2);
    BOOST_CHECK_EQUAL(pickle.list(pair[0]).size(), 1);
    BOOST_CHECK_EQUAL(pickle.list(pair[1]).size(), 1);
}

BOOST_AUTO_TEST_CASE(values_of_another_kind_are_refused_with_the_byte) {
    const Pickle pickle = read("K\1"s);
    expect_error<DataError>([&] { pickle.bytes(pickle.root()); }, {"file, byte 2", "a string", "an int"});
    expect_error<DataError>([&] { pickle.list(pickle.root()); }, {"file, byte 2", "a list", "an int"});
    expect_error<DataError>([&] { pickle.tuple(pickle.root(), 1); }, {"a tuple", "an int"});
    expect_error<DataError>([&] { pickle.class_name(pickle.root()); }, {"a class name", "an int"});
    expect_error<DataError>([&] { pickle.object(pickle.root(), "dict"); }, {"an object", "an int"});
    const Pickle none = read("N");
    expect_error<DataError>([&] { none.integer(none.root()); }, {"an int", "None"});
}

BOOST_AUTO_TEST_CASE(classes_and_functions_outside_the_list_are_refused) {
    expect_refused("cos\nsystem\nU\4true\x85R"s, {"file, byte 2", "numpy ndarray", "'os system'"});
    expect_refused("c__builtin__\neval\n"s, {"'__builtin__ eval'"});
    expect_refused("cnumpy\ndtype"s, {"byte 2", "a line"});
}

BOOST_AUTO_TEST_CASE(opcodes_outside_the_list_are_refused) {
    // Of protocol 0, 2, 3 and 4, and a byte that is no opcode.
    for (const std::string& opcodes : {"I1\n"s, "V\n"s, "\x8a\1\1"s, "X\1\0\0\0a"s, "C\1a"s, "\x8c\1a"s, "\xff"s})
        expect_refused(opcodes, {"file, byte 2", "an opcode that Planetoid's pickles use", "0x"});
}

BOOST_AUTO_TEST_CASE(other_protocols_and_other_files_are_refused) {
    expect_error<DataError>([] { Pickle("file", "\x80\x04K\1."); }, {"protocol 2", "got 4"});
    expect_error<DataError>([] { Pickle("file", "K\1."); }, {"file, byte 0", "PROTO", "0x4b"});
    expect_error<DataError>([] { Pickle("file", ""); }, {"file, byte 0", "1 more bytes"});
}

BOOST_AUTO_TEST_CASE(lengths_beyond_the_file_are_refused_without_being_allocated) {
    expect_refused("U\xff"s, {"byte 2", "255 more bytes", "1 before the end"});
    expect_refused("T\xff\xff\xff\xff"s, {"byte 2", "4294967295 more bytes"});
    expect_error<DataError>([] { Pickle("file", "\x80\x02J\1"); }, {"byte 2", "4 more bytes", "1 before the end"});
}

BOOST_AUTO_TEST_CASE(end_of_the_file_without_or_after_stop_is_refused) {
    expect_error<DataError>([] { Pickle("file", "\x80\x02K\1"); }, {"byte 4", "1 more bytes"});
    expect_error<DataError>([] { Pickle("file", "\x80\x02K\1.."); }, {"the end of the file after STOP", "1 more"});
}

BOOST_AUTO_TEST_CASE(stack_cannot_run_empty_or_be_left_full) {
    for (const char* const opcodes : {"", "\x85", "K\1\x86", "K\1K\1\x87", "a", "]a", "s", "}s", "R", ")R", "b", "K\1b",
                                      "q\1", "K\1(\x85", "](a", "K\1(q\1"})
        expect_refused(opcodes, {"file, byte", "a value on the stack"});
    expect_refused("t", {"a mark on the stack"});
    expect_refused("K\1K\1", {"one value at the end"});
    expect_refused("K\1(", {"a value on the stack"});
    expect_refused("(K\1", {"one value at the end"});
}

BOOST_AUTO_TEST_CASE(opcodes_on_values_of_another_kind_are_refused) {
    expect_refused("K\1K\1a", {"a list", "an int"});
    expect_refused(")K\1a", {"a list", "a tuple"});
    expect_refused("]K\1K\1s", {"an object", "a list"});
    expect_refused("K\1)R", {"a class name", "an int"});
    expect_refused("cnumpy\ndtype\nK\1R", {"a tuple", "an int"});
    expect_refused("cnumpy\ndtype\n)RK\1K\1s", {"a dict", "'numpy dtype'"});
    expect_refused("cnumpy\ndtype\n)RK\1bK\1b", {"without state"});
    expect_refused("}(K\1u", {"a value for every key"});
    expect_refused("h\1", {"memorised", "got 1"});
}

BOOST_AUTO_TEST_CASE(depth_and_cycles_overflow_nothing) {
    const std::size_t depth = 1'000'000;
    std::string deep = "N";
    deep.append(depth, '\x85');
    BOOST_CHECK_NO_THROW(read(deep));
    BOOST_CHECK_NO_THROW(read("]q\1h\1a"));
    expect_refused(std::string(depth, '('), {"a value on the stack"});
}

BOOST_AUTO_TEST_SUITE_END()
