#include "backends/loader.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using std::filesystem::path;
using tapegrad::testing::expect_error;
using tapegrad::testing::TemporaryFolder;

namespace {

const path bad_plugins = TAPEGRAD_BINARY_DIR "/test_plugins";
const path reference_file = TAPEGRAD_BINARY_DIR "/lib/libtapegrad_backend_reference.so";

path bad_plugin(const std::string& name) { return bad_plugins / ("libtapegrad_backend_" + name + ".so"); }

// Sets $TAPEGRAD_BACKEND_PATH for the length of a test.
class BackendPath {
public:
    explicit BackendPath(const std::string& value) {
        if (const char* before = std::getenv(name)) before_ = before;
        setenv(name, value.c_str(), 1);
    }
    ~BackendPath() {
        if (before_)
            setenv(name, before_->c_str(), 1);
        else
            unsetenv(name);
    }
    BackendPath(const BackendPath&) = delete;
    BackendPath& operator=(const BackendPath&) = delete;

private:
    static constexpr const char* name = "TAPEGRAD_BACKEND_PATH";
    std::optional<std::string> before_;
};

// Is the file refused with a sentence that contains every one of `parts`, and the error of opening it too?
void check_refused(const path& file, std::initializer_list<std::string> parts) {
    const FoundPlugin found = load_plugin(file);
    BOOST_TEST((found.plugin == nullptr), file.string());
    for (const std::string& part : parts)
        BOOST_TEST(found.refusal.find(part) != std::string::npos,
                   file << ": \"" << found.refusal << "\" does not contain \"" << part << '"');
    expect_error<BackendError>([&] { open_backend(file.string()); }, {"open_backend", file.string(), found.refusal});
}

const FoundPlugin* find(const std::vector<FoundPlugin>& plugins, const std::string& name) {
    const auto found = std::ranges::find(plugins, name, &FoundPlugin::name);
    return found == plugins.end() ? nullptr : &*found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(backends_loader)

BOOST_AUTO_TEST_CASE(good_plugin_is_loaded_by_its_path) {
    const FoundPlugin found = load_plugin(reference_file);
    BOOST_TEST_REQUIRE((found.plugin != nullptr), found.refusal);
    BOOST_TEST(found.name == "reference");
    BOOST_TEST(found.refusal == "");
    BOOST_TEST(found.score >= 0);
    const BackendPtr backend = open_backend(reference_file.string(), 2);
    BOOST_TEST(backend->name() == "reference");
    BOOST_TEST(backend->threads() == 2);
}

BOOST_AUTO_TEST_CASE(another_abi_version_is_refused) {
    check_refused(bad_plugin("wrong_abi"),
                  {"ABI version " + std::to_string(TG_ABI_VERSION + 1), std::to_string(TG_ABI_VERSION), "rebuild it"});
}

BOOST_AUTO_TEST_CASE(short_struct_is_refused) {
    check_refused(bad_plugin("short_struct"), {std::to_string(offsetof(tg_backend, kernel)) + " bytes",
                                               std::to_string(sizeof(tg_backend)), "rebuild it"});
}

BOOST_AUTO_TEST_CASE(missing_mandatory_kernel_is_named) {
    check_refused(bad_plugin("missing_kernel"), {"mandatory", "matmul (f32)", "matmul (f64)"});
    BOOST_TEST(load_plugin(bad_plugin("missing_kernel")).refusal.find("add") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(refusing_probe_gives_its_reason) {
    check_refused(bad_plugin("refusing_probe"), {"this machine has no abacus"});
}

BOOST_AUTO_TEST_CASE(library_without_the_entry_point_is_refused) {
    check_refused(bad_plugin("no_entry_point"), {"tapegrad_backend", "not a backend plugin"});
}

BOOST_AUTO_TEST_CASE(what_is_no_library_is_refused) {
    const TemporaryFolder folder;
    const path text = folder.path() / "libtapegrad_backend_text.so", empty = folder.path() / "empty.so";
    std::ofstream(text) << std::string(1000, 'x');
    std::ofstream(empty).flush();
    check_refused(text, {"not a shared library", "invalid ELF header"});
    check_refused(empty, {"not a shared library", "file too short"});
    check_refused(folder.path(), {"not a shared library"});
    check_refused(folder.path() / "absent.so", {"no such file"});
    check_refused(text / "below_a_file.so", {"no such file"});
    BOOST_TEST(load_plugin(text).name == "text");
}

BOOST_AUTO_TEST_CASE(refused_plugins_do_not_stop_others) {
    const BackendPath variable(bad_plugins.string());
    BOOST_TEST(open_backend("reference")->name() == "reference");
    BOOST_TEST(open_backend("failing_kernel")->name() == "failing_kernel");
    const std::vector<FoundPlugin> plugins = find_plugins();
    for (const char* name : {"wrong_abi", "short_struct", "missing_kernel", "refusing_probe", "no_entry_point"}) {
        const FoundPlugin* const found = find(plugins, name);
        BOOST_TEST_REQUIRE((found != nullptr), name);
        BOOST_TEST((found->plugin == nullptr), name);
        BOOST_TEST(found->refusal != "", name);
    }
}

BOOST_AUTO_TEST_CASE(unknown_name_lists_what_there_is_and_why_others_were_refused) {
    const BackendPath variable(bad_plugins.string());
    expect_error<BackendError>(
        [] { open_backend("abacus"); },
        {"open_backend", "'abacus'", "reference", "failing_kernel", "missing_kernel (refused:", "matmul (f32)",
         "refusing_probe (refused: this machine has no abacus)", "TAPEGRAD_BACKEND_PATH"});
}

BOOST_AUTO_TEST_CASE(refused_plugin_asked_for_by_name_fails_with_its_reason) {
    const BackendPath variable(bad_plugins.string());
    expect_error<BackendError>([] { open_backend("refusing_probe"); }, {"this machine has no abacus"});
}

BOOST_AUTO_TEST_CASE(auto_takes_the_best_probe_score) {
    const BackendPath variable(bad_plugins.string());
    const std::vector<FoundPlugin> plugins = find_plugins();
    BOOST_TEST_REQUIRE((find(plugins, "failing_kernel") != nullptr));
    const int best = std::ranges::max_element(plugins, {}, &FoundPlugin::score)->score;
    BOOST_TEST(best > find(plugins, "failing_kernel")->score, "the test needs two scores");
    const FoundPlugin* const chosen = find(plugins, open_backend("auto")->name());
    BOOST_TEST_REQUIRE((chosen != nullptr));
    BOOST_TEST(chosen->score == best);
    BOOST_TEST(open_backend()->name() == chosen->name);
}

BOOST_AUTO_TEST_CASE(folders_of_the_path_come_first_and_in_their_order) {
    const TemporaryFolder first, second;
    for (const TemporaryFolder* folder : {&first, &second})
        std::filesystem::copy_file(reference_file, folder->path() / reference_file.filename());
    const auto path_of_reference = [](const std::string& value) {
        const BackendPath variable(value);
        const std::vector<FoundPlugin> plugins = find_plugins();
        BOOST_TEST(std::ranges::count(plugins, "reference", &FoundPlugin::name) == 1, "the first of a name counts");
        return find(plugins, "reference")->path;
    };
    const std::string one = first.path().string(), two = second.path().string();
    BOOST_TEST(path_of_reference(one + ":" + two) == first.path() / reference_file.filename());
    BOOST_TEST(path_of_reference(two + ":" + one) == second.path() / reference_file.filename());
    BOOST_TEST(path_of_reference(":/no/such/folder::" + one + ":") == first.path() / reference_file.filename());
    BOOST_TEST(std::filesystem::equivalent(path_of_reference(""), reference_file));
}

BOOST_AUTO_TEST_CASE(broken_plugin_does_not_hide_a_good_one_of_its_name) {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / reference_file.filename()) << "no library";
    const BackendPath variable(folder.path().string());
    BOOST_TEST(open_backend("reference")->name() == "reference");
    expect_error<BackendError>([] { open_backend("abacus"); }, {"reference (refused:", "not a shared library"});
}

BOOST_AUTO_TEST_CASE(file_named_after_another_backend_is_refused) {
    const TemporaryFolder folder;
    const path file = folder.path() / "libtapegrad_backend_faster.so";
    std::filesystem::copy_file(reference_file, file);
    check_refused(file, {"'reference'", "libtapegrad_backend_reference.so"});
}

BOOST_AUTO_TEST_CASE(files_of_other_names_are_not_looked_at) {
    const TemporaryFolder folder;
    for (const char* name : {"other.so", "libtapegrad_backend_notes.txt", "libtapegrad_backend_notes"})
        std::ofstream(folder.path() / name) << "no library";
    const BackendPath variable(folder.path().string());
    for (const FoundPlugin& found : find_plugins()) BOOST_TEST((found.path.parent_path() != folder.path()));
}

BOOST_AUTO_TEST_CASE(fewer_threads_than_one_are_refused) {
    for (const int threads : {0, -3})
        expect_error<BackendError>([&] { open_backend("reference", threads); },
                                   {"open_backend", "at least 1 thread", "got " + std::to_string(threads)});
}

BOOST_AUTO_TEST_SUITE_END()
