#include "nn/safetensors.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "datasets/files.hpp"
#include "nn/layers/linear.hpp"
#include "nn/layers/sequential.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/nn/nn_fixture.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

/// A file with this header and these bytes after it.
std::string file_content(const std::string& header, const std::string& data) {
    std::string length(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<char>(header.size() >> (8 * i) & 0xff);
    return length + header + data;
}

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
    return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

struct Files {
    TemporaryFolder folder;
    std::filesystem::path path = folder.path() / "model.safetensors";

    std::vector<NamedTensor> load(const std::string& content) const {
        write_file(path, content);
        return load_safetensors(reference_backend(), path).tensors;
    }
    void check_refused(const std::string& content, std::initializer_list<std::string> parts) const {
        expect_error<DataError>([&] { load(content); }, parts);
    }
    /// A header with one tensor "x" of these properties, before 8 bytes.
    void check_entry_refused(const std::string& properties, std::initializer_list<std::string> parts) const {
        check_refused(file_content("{\"x\":{" + properties + "}}", std::string(8, '\0')), parts);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_safetensors)

BOOST_AUTO_TEST_CASE(a_file_written_by_hand_is_read) {
    const Files files;
    const std::string header =
        R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]},)"
        R"("a":{"data_offsets":[0,8],"shape":[],"dtype":"F64"},)"
        R"("none":{"dtype":"I32","shape":[0],"data_offsets":[16,16]}}   )";
    const auto tensors = files.load(file_content(header, bytes_of<double>({0.1}) + bytes_of<float>({1.5, -2.25})));
    BOOST_REQUIRE(tensors.size() == 3);
    BOOST_TEST(tensors[0].first == "a");
    BOOST_CHECK(tensors[0].second.shape() == Shape{} && tensors[0].second.dtype() == DType::f64);
    BOOST_TEST(tensors[0].second.item() == 0.1);
    BOOST_TEST(tensors[1].first == "b");
    BOOST_CHECK((tensors[1].second.shape() == Shape{2, 1} && tensors[1].second.dtype() == DType::f32));
    check_close(tensors[1].second, {1.5, -2.25}, 0, "b");
    BOOST_CHECK(tensors[2].second.shape() == Shape{0} && tensors[2].second.dtype() == DType::i32);
}

BOOST_AUTO_TEST_CASE(the_largest_extent_that_a_tensor_can_have_is_read) {
    const Files files;
    const auto tensors =
        files.load(file_content(R"({"wide":{"dtype":"F64","shape":[0,576460752303423488],"data_offsets":[0,0]}})", ""));
    BOOST_REQUIRE(tensors.size() == 1);
    BOOST_CHECK((tensors[0].second.shape() == Shape{0, 576460752303423488}));
}

BOOST_AUTO_TEST_CASE(a_saved_file_is_what_the_format_says) {
    const Files files;
    const Tensor w = from_values(reference_backend(), {1, 2}, std::vector<float>{1.5, -2.25});
    save_safetensors(files.path, {{"weight", w}});
    // 61 characters and 3 spaces, so that the bytes after it start at a multiple of 8.
    const std::string header = R"({"weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}   )";
    BOOST_TEST(read_file(files.path) == file_content(header, bytes_of<float>({1.5, -2.25})));
}

BOOST_AUTO_TEST_CASE(every_dtype_and_shape_comes_back_bit_for_bit) {
    const Files files;
    const BackendPtr& backend = reference_backend();
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<NamedTensor> saved = {
        {"double", f64({2, 3}, {0.1, -0.0, 1e308, nan, 5e-324, 6})},
        {"float \"quoted\" \xc3\xa4", from_values(backend, {1, 1, 2}, std::vector<float>{0.1f, 3e38f})},
        {"integers", from_values(backend, {3}, std::vector<std::int32_t>{-1, 0, 2147483647})},
        {"scalar", f64({}, {4})},
        {"empty", f64({0, 5}, {})},
    };
    save_safetensors(files.path, saved);
    const auto loaded = load_safetensors(backend, files.path).tensors;
    BOOST_REQUIRE(loaded.size() == saved.size());
    for (const auto& [name, tensor] : saved) {
        const auto found = std::ranges::find(loaded, name, &NamedTensor::first);
        BOOST_REQUIRE_MESSAGE(found != loaded.end(), name << " is missing");
        BOOST_CHECK(found->second.shape() == tensor.shape() && found->second.dtype() == tensor.dtype());
        BOOST_TEST(bytes_of(found->second.values<double>()) == bytes_of(tensor.values<double>()),
                   name << " has other bits");
    }
}

BOOST_AUTO_TEST_CASE(dtypes_that_the_format_has_and_we_have_not_are_told_apart_from_damage) {
    const Files files;
    for (const std::string dtype : {"BF16", "F16", "I64", "BOOL"})
        files.check_refused(file_content(R"({"a":{"dtype":")" + dtype + R"(","shape":[0],"data_offsets":[0,0]}})", ""),
                            {"tensor 'a'", "dtype F32, F64 or I32", dtype, "Convert it before saving", "v.float()"});
    files.check_refused(file_content(R"({"a":{"dtype":"F7","shape":[0],"data_offsets":[0,0]}})", ""), {"damaged"});
}

BOOST_AUTO_TEST_CASE(no_tensors_make_a_file_too) {
    const Files files;
    save_safetensors(files.path, {});
    BOOST_TEST(load_safetensors(reference_backend(), files.path).tensors.empty());
}

BOOST_AUTO_TEST_CASE(a_file_cut_off_anywhere_is_refused) {
    const Files files;
    save_safetensors(files.path, {{"a", f64({2}, {1, 2})}, {"b", f64({1}, {3})}});
    const std::string whole = read_file(files.path);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        write_file(files.path, whole.substr(0, length));
        BOOST_CHECK_THROW(load_safetensors(reference_backend(), files.path), DataError);
    }
    files.check_refused(whole + "x", {"24 bytes after the header", "25"});
}

BOOST_AUTO_TEST_CASE(a_header_length_that_lies_is_refused_before_memory_is_taken) {
    const Files files;
    files.check_refused(std::string(8, '\xff') + "{}", {"at most 2 bytes", "18446744073709551615"});
    // A sparse file with room for more than 100 MB of header.
    write_file(files.path, std::string("\x01\xe1\xf5\x05\0\0\0\0", 8));  // 100,000,001
    std::filesystem::resize_file(files.path, 200'000'000);
    expect_error<DataError>([&] { load_safetensors(reference_backend(), files.path); },
                            {"at most 100000000 bytes", "100000001"});
}

BOOST_AUTO_TEST_CASE(a_header_that_is_no_json_object_is_refused) {
    const Files files;
    for (const char* header : {"", "{", "[]", "3", "{}x", "{\"x\":}", "{\"\xff\":1}", "{} {}"})
        files.check_refused(file_content(header, ""), {"model.safetensors", "JSON"});
    files.check_refused(file_content(std::string(1'000'000, '['), ""), {"nested at most 3 deep"});
}

BOOST_AUTO_TEST_CASE(a_key_that_stands_twice_is_refused) {
    const Files files;
    const std::string x = R"("x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
    files.check_refused(file_content("{" + x + "," + x + "}", std::string(4, '\0')), {"once", "\"x\" twice"});
    files.check_entry_refused(R"("dtype":"F32","shape":[1],"shape":[2],"data_offsets":[0,8])", {"\"shape\" twice"});
}

BOOST_AUTO_TEST_CASE(overlaps_and_holes_are_refused) {
    const Files files;
    const auto check = [&](const std::string& second, std::initializer_list<std::string> parts) {
        const std::string first = R"("x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
        files.check_refused(
            file_content("{" + first + ",\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" + second + "}}",
                         std::string(16, '\0')),
            parts);
    };
    check("[4,8]", {"'y'", "bytes from 8 on", "from 4 on, which overlaps"});
    check("[0,4]", {"overlaps"});
    check("[12,16]", {"'y'", "bytes from 8 on", "from 12 on, which leaves a hole"});
    check("[8,12]", {"12 bytes after the header", "16"});
    check("[16,20]", {"leaves a hole"});
    files.check_entry_refused(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])", {"bytes from 0 on"});
}

BOOST_AUTO_TEST_CASE(entries_that_do_not_fit_are_refused) {
    const Files files;
    files.check_entry_refused(R"("dtype":"F16","shape":[4],"data_offsets":[0,8])", {"'x'", "F32, F64 or I32", "F16"});
    files.check_entry_refused(R"("dtype":7,"shape":[2],"data_offsets":[0,8])", {"F32, F64 or I32", "7"});
    files.check_entry_refused(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])", {"12 bytes apart", "[0,8]"});
    files.check_entry_refused(R"("dtype":"F64","shape":[2],"data_offsets":[0,8])", {"16 bytes apart"});
    files.check_entry_refused(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])", {"8 bytes apart", "[8,0]"});
    for (const char* offsets : {"[-8,0]", "[0]", "[0,8,8]", "8", "[0,8.0]", "[0,\"8\"]", "null"})
        files.check_entry_refused(std::string(R"("dtype":"F32","shape":[2],"data_offsets":)") + offsets,
                                  {"two whole numbers"});
    for (const char* shape :
         {"[-2]", "[2.0]", "[\"2\"]", "[4611686018427387904,2]", "[18446744073709551615]", "[1152921504606846976]",
          "[0,1152921504606846976]", "[4294967296,4294967296]", "[0,4294967296,4294967296]"})
        files.check_entry_refused(std::string(R"("dtype":"F32","data_offsets":[0,8],"shape":)") + shape,
                                  {"whole numbers"});
    for (const char* shape : {"2", "[1,1,1,1,1,1,2]", "null"})
        files.check_entry_refused(std::string(R"("dtype":"F32","data_offsets":[0,8],"shape":)") + shape,
                                  {"at most 6 extents"});
    for (const char* missing : {R"("shape":[2],"data_offsets":[0,8])", R"("dtype":"F32","data_offsets":[0,8])",
                                R"("dtype":"F32","shape":[2])"})
        files.check_entry_refused(missing, {"dtype, shape and data_offsets"});
    files.check_refused(file_content(R"({"x":[]})", ""), {"dtype, shape and data_offsets"});
}

BOOST_AUTO_TEST_CASE(a_missing_file_or_a_folder_is_refused) {
    const Files files;
    expect_error<DataError>([&] { load_safetensors(reference_backend(), files.path); },
                            {"model.safetensors", "check the path"});
    expect_error<DataError>([&] { load_safetensors(reference_backend(), files.folder.path()); }, {"check the path"});
}

BOOST_AUTO_TEST_CASE(names_that_cannot_be_told_apart_are_not_saved) {
    const Files files;
    const Tensor x = f64({1}, {1});
    expect_error<DataError>([&] { save_safetensors(files.path, {{"x", x}, {"x", x}}); }, {"'x' twice"});
    expect_error<DataError>([&] { save_safetensors(files.path, {{"__metadata__", x}}); }, {"reserved"});
    BOOST_TEST(std::filesystem::is_empty(files.folder.path()), "a file was left behind");
}

BOOST_AUTO_TEST_CASE(parameters_come_back_into_a_module) {
    const Files files;
    LayerSource source;
    const Linear saved(source.inputs(3), 2), other(source.inputs(3), 2);
    save_safetensors(files.path, saved.parameters());
    load_parameters(other, files.path);
    for (const char* name : {"weight", "bias"})
        check_close(parameter_of(other, name), parameter_of(saved, name), 0, name);
}

BOOST_AUTO_TEST_CASE(a_module_of_one_parameter_and_one_of_none_are_read_too) {
    const Files files;
    LayerSource source;
    const Linear saved(source.inputs(3), 2, false), other(source.inputs(3), 2, false);
    save_safetensors(files.path, saved.parameters());
    load_parameters(other, files.path);
    check_close(parameter_of(other, "weight"), parameter_of(saved, "weight"), 0, "weight");
    load_parameters(Sequential({}), files.path);
}

BOOST_AUTO_TEST_CASE(parameters_of_another_module_are_refused_and_nothing_changes) {
    const Files files;
    LayerSource source;
    const Linear model(source.inputs(3), 2);
    const Tensor weight = f64({3, 2}, {9, 9, 9, 9, 9, 9}), bias = f64({2}, {9, 9});
    const std::vector<double> before = parameter_of(model, "weight").values<double>();
    const auto load = [&](const std::vector<NamedTensor>& tensors) {
        save_safetensors(files.path, tensors);
        load_parameters(model, files.path);
    };
    expect_error<DataError>([&] { load({{"weight", weight}}); }, {"'bias'", "a file without it"});
    expect_error<DataError>(
        [&] {
            load({{"weight", weight}, {"bias", bias}, {"wieght", bias}});
        },
        {"'wieght'", "nearest to 'weight'"});
    expect_error<ShapeError>([&] { load({{"weight", weight}, {"bias", f64({1}, {9})}}); }, {"'bias'", "[2]", "[1]"});
    expect_error<TypeError>(
        [&] {
            load({{"weight", weight}, {"bias", cast(bias, DType::f32)}});
        },
        {"'bias'", "f64", "f32"});
    BOOST_CHECK(parameter_of(model, "weight").values<double>() == before);
}

BOOST_AUTO_TEST_SUITE_END()
