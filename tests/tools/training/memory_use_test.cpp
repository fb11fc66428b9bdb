#include "tools/training/memory_use.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/tools/training/small_run.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(tools_training_memory_use)

BOOST_AUTO_TEST_CASE(growth_is_what_came_after_the_first_epochs_and_is_not_kept) {
    Run run(complete());
    Trainer trainer(*run.model, *run.optimizer, run.data, run.options);
    MemoryGrowth memory;
    std::vector<Tensor> leaked;
    std::optional<Tensor> kept;
    while (trainer.epochs() < 20) {
        trainer.run_epoch();
        if (trainer.epochs() > 10) leaked.push_back(full(run.backend, {100}, 1));  // 448 bytes, a size of blocks
        if (trainer.epochs() == 15) kept = full(run.backend, {1024}, 1);
        const std::size_t bytes = kept ? 4096 : 0;
        memory.record(*run.backend, bytes);
        BOOST_TEST(memory.growth(*run.backend, bytes).has_value() == (trainer.epochs() > 5));
    }
    BOOST_TEST(memory.growth(*run.backend, 4096)->tensors == 10 * 448);
}

BOOST_AUTO_TEST_SUITE_END()
