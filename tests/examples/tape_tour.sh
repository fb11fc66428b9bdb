#!/bin/bash
# The numbers that examples/tape_tour prints, against the equations worked out here anew: the values by plain loops, the
# gradients by differences of the loss. And what the documents show of the example is what it gives.
set -uo pipefail

program=tape_tour
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../tools/expect.sh"

expect 0 -- tape.svg
sed 's/  */ /g; s/^ //; s/^%[0-9]* //' out >squeezed

# Prints lines that the example has to print, but for the number of each value.
worked_out() {
    awk '
        # p is the parameters, then what is added to e and to alpha: nothing, but for a difference.
        function loss_of(p,    n, k, e, j, i, c, score, sum, result) {
            for (n = 0; n < 4; ++n)
                for (k = 0; k < 2; ++k) {
                    z[n, k] = 0
                    for (c = 0; c < 3; ++c) z[n, k] += words[n * 3 + c + 1] * p[c * 2 + k]
                    h[n, k] = p[10 + k]
                }
            delete total
            for (e = 0; e < 5; ++e) {
                j = from[e + 1]
                i = to[e + 1]
                score = p[8] * z[i, 0] + p[9] * z[i, 1] + p[6] * z[j, 0] + p[7] * z[j, 1]
                scores[e] = (score > 0 ? score : 0.2 * score) + p[12 + e]
                total[i] += exp(scores[e])
            }
            for (e = 0; e < 5; ++e) {
                j = from[e + 1]
                i = to[e + 1]
                alpha[e] = exp(scores[e]) / total[i] + p[17 + e]
                for (k = 0; k < 2; ++k) h[i, k] += alpha[e] * z[j, k]
            }
            result = 0
            for (n = 1; n <= 2; ++n) {
                sum = exp(h[known[n], 0]) + exp(h[known[n], 1])
                result -= log(exp(h[known[n], class[n]]) / sum) / 2
            }
            return result
        }
        # Some elements of a list, a bar after each row.
        function listed(list, first, count, row,    text, n) {
            for (n = 0; n < count; ++n)
                text = text (n && n % row == 0 ? " |" : "") sprintf(" %.4g", list[first + n])
            return text
        }
        function print_parameters(list) {
            print "weight [3, 2]" listed(list, 0, 6, 2)
            print "attention_source [1, 2]" listed(list, 6, 2, 2)
            print "attention_target [1, 2]" listed(list, 8, 2, 2)
            print "bias [2]" listed(list, 10, 2, 2)
        }
        BEGIN {
            split("1 0 1 0 1 0 1 1 0 0 0 1", words)
            split("0 1 2 2 3", from)
            split("0 0 0 3 3", to)
            split("0 3", known)
            split("1 0", class)
            split("1 0 0 2 1 -1 0.3 -0.2 0.1 -0.1 0 0 0 0 0 0 0 0 0 0 0 0", start)
            for (n = 0; n < 22; ++n) p[n] = start[n + 1]

            before = loss_of(p)
            print "= leaky_relu [5, 1]" listed(scores, 0, 5, 5)
            print "= scatter_softmax [5, 1]" listed(alpha, 0, 5, 5)
            printf "= scatter_sum [4, 1, 2] %.4g %.4g | 0 0 | 0 0 | %.4g %.4g\n", h[0, 0], h[0, 1], h[3, 0], h[3, 1]
            printf "= cross_entropy_of_rows [] %.4g\n", before
            printf "The loss is %.6f as before, and the gradients are\n", before
            for (n = 0; n < 22; ++n) {
                p[n] += 1e-5
                above = loss_of(p)
                p[n] -= 2e-5
                gradient[n] = (above - loss_of(p)) / 2e-5
                p[n] += 1e-5
            }
            print "= leaky_relu [5, 1]" listed(gradient, 12, 5, 5)
            print "= scatter_softmax [5, 1]" listed(gradient, 17, 5, 5)
            print_parameters(gradient)
            for (n = 0; n < 12; ++n) p[n] -= 0.5 * gradient[n]
            print_parameters(p)
            printf "and the loss %.6f, which was %.6f\n", loss_of(p), before
        }'
}
worked_out >expected
check test "$(wc -l <expected)" = 16
while IFS= read -r line; do
    grep -qxF -- "$line" squeezed || fail "'$line' is not in: $(cat out)"
done <expected
# The same gradients come out of the fused op as of the single ones; with them the step.
check test "$(sed -n '/as before/,$p' squeezed | grep -cxFf expected)" = 10

# The blocks "text tape_tour" of the tour hold lines of the output; those of "..." alone stand for lines left out.
awk '/^```text tape_tour$/ { inside = 1; next } /^```/ { inside = 0 } inside && $0 != "..."' "$root/docs/tour.md" >quoted
check test -s quoted
while IFS= read -r line; do
    grep -qxF -- "$line" out || fail "docs/tour.md shows '$line', which is not printed"
done <quoted

# The tape is printed whole, each node with its inputs and outputs, and drawn. Without a file nothing is drawn.
check test "$(grep -c '^node [0-9]*: ' out)" = 17
check test "$(grep -c '<rect ' tape.svg)" = 17
check cmp tape.svg "$root/docs/tape_tour.svg"
rm tape.svg
expect 0 --
check test "$(ls)" = "$(printf '%s\n' err expected out quoted squeezed)"
expect 1 "absent/tape.svg" "a file that can be written" -- absent/tape.svg

exit $((failures > 0))
