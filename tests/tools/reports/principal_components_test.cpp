#include "tools/reports/principal_components.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace tapegrad;

namespace {

void check_close(const std::vector<double>& actual, const std::vector<double>& expected, double tolerance = 1e-6) {
    BOOST_REQUIRE(actual.size() == expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) BOOST_TEST(std::abs(actual[i] - expected[i]) < tolerance);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_principal_components)

BOOST_AUTO_TEST_CASE(components_are_those_worked_by_hand) {
    // Around (10, -7): two rows at +-10 along (4, 3)/5, two at +-5 along (-3, 4)/5. Sums of squares 200 and 50.
    const std::vector<float> rows{18, -1, 2, -13, 7, -3, 13, -11};
    const PrincipalComponents components = principal_components(rows, 2);
    check_close(components.x, {10, -10, 0, 0});
    check_close(components.y, {0, 0, 5, -5});
    check_close({components.explained[0], components.explained[1]}, {0.8, 0.2});
}

BOOST_AUTO_TEST_CASE(components_are_those_of_numpy) {
    // rows = ((i * i * 7 + j * j * 3 + i * j * 5) % 11) for i < 7, j < 4. In numpy, with c = rows - rows.mean(0):
    // u, s, v = svd(c); the columns of c @ v.T and s**2 / (s**2).sum(), signs as the header says.
    std::vector<float> rows;
    for (int i = 0; i < 7; ++i)
        for (int j = 0; j < 4; ++j) rows.push_back(static_cast<float>((i * i * 7 + j * j * 3 + i * j * 5) % 11));
    const PrincipalComponents components = principal_components(rows, 4);
    check_close(components.x,
                {-6.228845800, 0.231567819, 2.050338888, 0.615214701, -5.222092525, 2.577969144, 5.975847773});
    check_close(components.y,
                {-4.897029583, 1.099816176, -3.530522918, 1.920863307, 4.226115515, 2.851002345, -1.670244843});
    check_close({components.explained[0], components.explained[1]}, {0.535473734, 0.332110628});
}

BOOST_AUTO_TEST_CASE(what_does_not_vary_gives_zeros) {
    const PrincipalComponents constant = principal_components(std::vector<float>{3, 4, 3, 4, 3, 4}, 2);
    check_close(constant.x, {0, 0, 0});
    check_close(constant.y, {0, 0, 0});
    check_close({constant.explained[0], constant.explained[1]}, {0, 0});

    const PrincipalComponents line = principal_components(std::vector<float>{1, 1, 3, 3}, 2);
    check_close(line.x, {-std::sqrt(2.0), std::sqrt(2.0)});
    check_close(line.y, {0, 0});
    check_close({line.explained[0], line.explained[1]}, {1, 0});

    const PrincipalComponents column = principal_components(std::vector<float>{1, 5}, 1);
    check_close(column.x, {-2, 2});
    check_close(column.y, {0, 0});
}

BOOST_AUTO_TEST_CASE(fewer_rows_than_columns_and_a_single_row) {
    const PrincipalComponents two = principal_components(std::vector<float>{0, 0, 0, 0, 0, 6}, 3);
    check_close(two.x, {-3, 3});
    check_close(principal_components(std::vector<float>{1, 2, 3}, 3).x, {0});
}

BOOST_AUTO_TEST_SUITE_END()
