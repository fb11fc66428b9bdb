// Every way to damage one byte or cut a file short: the loader may refuse or load, but never crash.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "datasets/planetoid.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using tapegrad::testing::TemporaryFolder;

namespace fs = std::filesystem;

namespace {

const fs::path tiny = fs::path(TAPEGRAD_SOURCE_DIR) / "tests/datasets/planetoid_tiny";

/// Calls `damage(file, content)` for each file of a copy and puts the content back afterwards.
template <class Damage>
void for_each_file(const Damage& damage) {
    for (const auto& original : fs::directory_iterator(tiny)) {
        const TemporaryFolder folder;
        fs::copy(tiny, folder.path());
        damage(folder.path() / original.path().filename(), read_file(original.path()));
    }
}

/// Whether the data set with `file` still loads. Any exception but tapegrad::Error fails the test.
bool loads(const fs::path& file) {
    try {
        load_planetoid(file.parent_path(), "tiny");
        return true;
    } catch (const Error&) {
        return false;
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datasets_planetoid_damage)

BOOST_AUTO_TEST_CASE(files_cut_at_any_length_are_refused) {
    for_each_file([](const fs::path& file, const std::string& content) {
        BOOST_CHECK(loads(file));
        // The test index may lack its last newline.
        const std::size_t end = file.extension() == ".index" ? content.size() - 1 : content.size();
        for (std::size_t length = 0; length < end; ++length) {
            write_file(file, content.substr(0, length));
            BOOST_CHECK_MESSAGE(!loads(file), file.filename() << " loads when cut to " << length << " bytes");
        }
    });
}

BOOST_AUTO_TEST_CASE(files_with_one_changed_byte_load_or_are_refused) {
    int refused = 0, tried = 0;
    for_each_file([&](const fs::path& file, const std::string& content) {
        for (std::size_t position = 0; position < content.size(); ++position)
            for (const int change : {0xff, 0x01, 0x80}) {
                std::string changed = content;
                changed[position] = static_cast<char>(changed[position] ^ change);
                write_file(file, changed);
                refused += loads(file) ? 0 : 1;
                ++tried;
            }
    });
    // Some bytes say nothing that counts: names of unused attributes, a feature's value, a memo that nobody reads.
    BOOST_CHECK_GT(refused, tried / 2);
}

BOOST_AUTO_TEST_SUITE_END()
