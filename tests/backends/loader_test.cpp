#include "backends/loader.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "autograd/errors.hpp"
#include "backends/elf_header.hpp"
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
    check_refused(bad_plugin("wrong_abi"), {"ABI version " + std::to_string(TG_ABI_MAJOR + 1) + ".0",
                                            std::to_string(TG_ABI_MAJOR) + ".x", "rebuild it"});
    tg_backend table = *load_plugin(reference_file).plugin;
    table.abi_version = 3;  // from before 1.0
    BOOST_TEST(table_refusal(&table).find("ABI version 0.3") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(short_struct_is_refused) {
    check_refused(bad_plugin("short_struct"), {std::to_string(offsetof(tg_backend, kernel)) + " bytes",
                                               std::to_string(offsetof(tg_backend, begin_download)), "rebuild it"});
}

BOOST_AUTO_TEST_CASE(a_plugin_of_a_later_minor_version_with_a_longer_table_is_loaded) {
    const FoundPlugin found = load_plugin(bad_plugin("later_minor"));
    BOOST_TEST_REQUIRE((found.plugin != nullptr), found.refusal);
    BOOST_TEST(found.plugin->abi_version > TG_ABI_VERSION);
    BOOST_TEST(found.plugin->struct_size > sizeof(tg_backend));
    BOOST_TEST(found.plugin->begin_capture == nullptr);
    BOOST_TEST(open_backend(bad_plugin("later_minor").string())->name() == "later_minor");
}

BOOST_AUTO_TEST_CASE(missing_mandatory_kernel_is_named) {
    check_refused(bad_plugin("missing_kernel"), {"mandatory", "matmul (f32, f64)"});
    BOOST_TEST(load_plugin(bad_plugin("missing_kernel")).refusal.find("add") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(null_table_is_refused) { check_refused(bad_plugin("no_table"), {"returned no table"}); }

BOOST_AUTO_TEST_CASE(null_entry_of_the_table_is_named) {
    check_refused(bad_plugin("null_kernel_entry"), {"its table has no `kernel`"});
    const tg_backend good = *load_plugin(reference_file).plugin;
    BOOST_TEST(table_refusal(&good) == "");
    std::vector<std::pair<std::string, tg_backend>> tables(13, {"", good});
    std::size_t count = 0;
    const auto without = [&](const std::string& name, auto tg_backend::*entry) {
        tables[count].first = name;
        tables[count++].second.*entry = nullptr;
    };
    without("name", &tg_backend::name);
    without("version", &tg_backend::version);
    without("probe", &tg_backend::probe);
    without("open", &tg_backend::open);
    without("close", &tg_backend::close);
    without("alloc", &tg_backend::alloc);
    without("free", &tg_backend::free);
    without("upload", &tg_backend::upload);
    without("download", &tg_backend::download);
    without("sync", &tg_backend::sync);
    without("last_error", &tg_backend::last_error);
    without("describe", &tg_backend::describe);
    without("kernel", &tg_backend::kernel);
    constexpr std::size_t optional_entries = 7;
    BOOST_TEST(2 * sizeof(std::uint32_t) + (count + optional_entries) * sizeof(void*) == sizeof(tg_backend),
               "every entry has its line here, but those for recording kernels and for downloads");
    for (const auto& [name, table] : tables)
        BOOST_TEST(table_refusal(&table) == "its table has no `" + name + "`: the entry is null");
}

BOOST_AUTO_TEST_CASE(some_of_the_entries_for_recording_kernels_without_the_others_are_refused) {
    tg_backend table = *load_plugin(reference_file).plugin;
    table.begin_capture = [](tg_context*) -> int { return TG_OK; };
    table.end_capture = [](tg_context*, tg_graph**) -> int { return TG_OK; };
    table.replay = [](tg_context*, tg_graph*) -> int { return TG_OK; };
    BOOST_TEST(table_refusal(&table).find("not all of them") != std::string::npos);
    table.free_graph = [](tg_context*, tg_graph*) {};
    BOOST_TEST(table_refusal(&table).find("not all of them") != std::string::npos);
    table.graph_size = [](tg_context*, tg_graph*) -> std::int64_t { return 0; };
    BOOST_TEST(table_refusal(&table) == "");
}

BOOST_AUTO_TEST_CASE(one_of_the_entries_for_downloads_without_the_other_is_refused) {
    tg_backend table = *load_plugin(reference_file).plugin;
    table.begin_download = [](tg_context*, const void*, std::size_t, tg_download**) -> int { return TG_OK; };
    BOOST_TEST(table_refusal(&table).find("one of begin_download and finish_download") != std::string::npos);
    // A shorter table has neither, whatever lies behind it.
    table.struct_size = offsetof(tg_backend, begin_download);
    BOOST_TEST(table_refusal(&table) == "");
    table.struct_size = sizeof(tg_backend);
    table.finish_download = [](tg_context*, tg_download*, void*) -> int { return TG_OK; };
    BOOST_TEST(table_refusal(&table) == "");
}

BOOST_AUTO_TEST_CASE(what_a_plugin_throws_is_its_refusal) {
    check_refused(bad_plugin("throwing_probe"), {"its probe threw: the abacus is locked away"});
    check_refused(bad_plugin("throwing_entry_point"), {"its tapegrad_backend() threw: something"});
    check_refused(bad_plugin("throwing_kernel_search"), {"its kernel() threw: no fill"});
}

BOOST_AUTO_TEST_CASE(library_for_another_machine_is_refused_with_both_names) {
    constexpr std::streamoff elf_class = 4, elf_data = 5, elf_machine = 18;  // offsets in every ELF header
    const TemporaryFolder folder;
    const path file = folder.path() / reference_file.filename();
    const auto changed = [&](std::streamoff where, const std::string& bytes) {
        std::filesystem::copy_file(reference_file, file, std::filesystem::copy_options::overwrite_existing);
        std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(where) << bytes;
        return load_plugin(file).refusal;
    };
    const std::string here = machine_of(reference_file);
    BOOST_TEST_REQUIRE(here != "");
    const std::string foreign = here == "aarch64" ? "x86-64" : "aarch64";
    BOOST_TEST(changed(elf_machine, std::string(foreign == "aarch64" ? "\xB7\0" : "\x3E\0", 2)) ==
               "it was built for " + foreign + ", this machine is " + here + ": rebuild it here");
    check_refused(file, {foreign});
    BOOST_TEST(changed(elf_class, "\1").find("built for " + here + ", 32 bits") != std::string::npos);
    BOOST_TEST(changed(elf_machine, "\xFE\xCA").find("built for ELF machine 51966") != std::string::npos);
    BOOST_TEST(changed(elf_data, "\2").find("big-endian") != std::string::npos);
    // A cut file is of this machine, and still no library.
    std::filesystem::copy_file(reference_file, file, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(file, 100);
    check_refused(file, {"not a shared library"});
    std::filesystem::resize_file(file, 19);
    check_refused(file, {"not a shared library"});
}

BOOST_AUTO_TEST_CASE(plugin_is_read_before_it_is_complete) {
    for (const char* name : {"missing_kernel", "refusing_probe", "throwing_probe"}) {
        FoundPlugin read = read_plugin(bad_plugin(name));
        BOOST_TEST_REQUIRE((read.plugin != nullptr), name << ": " << read.refusal);
        BOOST_TEST(read.plugin->name == std::string(name));
        BOOST_TEST(read.refusal == "");
    }
    BOOST_TEST(missing_kernels(*read_plugin(bad_plugin("missing_kernel")).plugin) == "matmul (f32, f64)");
    BOOST_TEST(missing_kernels(*load_plugin(reference_file).plugin) == "");
    // Whoever looks into a crashing probe has to be able to read the table before.
    BOOST_TEST((read_plugin(bad_plugins / "crashing" / "libtapegrad_backend_crashing_probe.so").plugin != nullptr));
    BOOST_TEST((read_plugin(bad_plugin("wrong_abi")).plugin == nullptr));
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
    for (const char* name :
         {"wrong_abi", "short_struct", "missing_kernel", "refusing_probe", "no_entry_point", "no_table",
          "null_kernel_entry", "throwing_probe", "throwing_entry_point", "throwing_kernel_search"}) {
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
        {"open_backend", "'abacus'", "reference", "failing_kernel", "missing_kernel (refused:", "matmul (f32, f64)",
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
        const auto is_usable = [](const FoundPlugin& found) { return found.name == "reference" && found.plugin; };
        BOOST_TEST(std::ranges::count_if(plugins, is_usable) == 1, "the first of a name counts");
        return find(plugins, "reference")->path;
    };
    const std::string one = first.path().string(), two = second.path().string();
    BOOST_TEST(path_of_reference(one + ":" + two) == first.path() / reference_file.filename());
    BOOST_TEST(path_of_reference(two + ":" + one) == second.path() / reference_file.filename());
    BOOST_TEST(path_of_reference(":/no/such/folder::" + one + ":") == first.path() / reference_file.filename());
    BOOST_TEST(std::filesystem::equivalent(path_of_reference(""), reference_file));
}

BOOST_AUTO_TEST_CASE(later_plugin_of_a_name_is_listed_with_the_file_that_came_first) {
    const TemporaryFolder folder;
    const path first = folder.path() / reference_file.filename();
    std::filesystem::copy_file(reference_file, first);
    const BackendPath variable(folder.path().string());
    const std::vector<FoundPlugin> plugins = find_plugins();
    BOOST_TEST(std::ranges::count(plugins, "reference", &FoundPlugin::name) == 2);
    const auto later = std::ranges::find_if(
        plugins, [](const FoundPlugin& found) { return found.name == "reference" && found.plugin == nullptr; });
    BOOST_TEST_REQUIRE((later != plugins.end()));
    BOOST_TEST(std::filesystem::equivalent(later->path, reference_file));
    BOOST_TEST(later->refusal == "another plugin of this name was found first: " + first.string());
    BOOST_TEST(open_backend("reference")->name() == "reference");
    expect_error<BackendError>([] { open_backend("abacus"); }, {"reference (refused: " + later->refusal + ")"});
}

BOOST_AUTO_TEST_CASE(folder_that_is_searched_twice_gives_its_plugins_once) {
    const TemporaryFolder folder;
    const path link = folder.path() / "link";
    std::filesystem::create_directory_symlink(reference_file.parent_path(), link);
    const BackendPath variable(link.string() + ":" + reference_file.parent_path().string());
    BOOST_TEST(std::ranges::count(find_plugins(), "reference", &FoundPlugin::name) == 1);
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
