#include "tools/training/memory_use.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/tools/training/small_run.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(tools_training_memory_use)

BOOST_AUTO_TEST_CASE(growth_is_what_came_after_the_first_epochs) {
    Run run(complete());
    Trainer trainer(*run.model, *run.optimizer, run.data, run.options);
    const TrainerState none;
    MemoryGrowth memory;
    std::vector<Tensor> leaked;
    while (trainer.epochs() < 20) {
        trainer.run_epoch();
        if (trainer.epochs() > 10) leaked.push_back(full(run.backend, {100}, 1));  // 448 bytes, a size of blocks
        memory.look(*run.backend, none);
        BOOST_TEST(memory.growth(*run.backend, none).has_value() == (trainer.epochs() > 5));
    }
    BOOST_TEST(memory.growth(*run.backend, none)->tensors == 10 * 448);
}

BOOST_AUTO_TEST_CASE(copies_in_a_state_do_not_count) {
    Run run(complete({"training.early_stopping={\"rule\": \"lowest_loss\", \"patience\": 100}"}));
    Trainer trainer(*run.model, *run.optimizer, run.data, run.options);
    TrainerState kept = trainer.state();
    MemoryGrowth memory;
    while (!trainer.done()) {
        trainer.run_epoch();
        memory.look(*run.backend, kept);
    }
    const std::size_t before = run.backend->bytes_in_use();
    kept = trainer.state();
    BOOST_TEST(run.backend->bytes_in_use() > before, "it has best weights now");
    BOOST_TEST(memory.growth(*run.backend, kept)->tensors == 0);
}

BOOST_AUTO_TEST_SUITE_END()
