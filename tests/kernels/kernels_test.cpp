// Compares the kernels, on each instruction set of this machine, with plain loops that add in the
// order that kernels.h promises: bit by bit.

#include "kernels/kernels.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "kernels/storage.h"

namespace mnist {
namespace {

constexpr std::size_t kInputs = 300;  // more than one block of rows
constexpr std::size_t kBatch = 7;

/// Numbers whose sums depend on their order.
void fill(const Rows& rows, std::size_t count, std::size_t width, std::uint32_t seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> number(-1.0F, 1.0F);
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t c = 0; c < width; ++c) rows[r][c] = number(generator);
  }
}

/// The sum in the order of dot_rows(), of the products in some columns.
float dot(const float* one, const float* other, std::size_t begin, std::size_t end) {
  std::array<float, 16> parts{};
  for (std::size_t c = begin; c < end; ++c) {
    parts[c % 16] = std::fma(one[c], other[c], parts[c % 16]);
  }
  for (std::size_t half = 8; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) parts[i] += parts[i + half];
  }
  return parts[0];
}

/// A layer of some width with a batch of sparse inputs and the deltas of its outputs.
struct Problem {
  explicit Problem(std::size_t columns)
      : width(RowStorage::padded(columns)),
        group(group_columns(columns)),
        weights(kInputs + 1, columns),
        deltas(kBatch, columns),
        outputs(kBatch, columns),
        groups((columns + group - 1) / group),
        sums(groups * kBatch, kInputs),
        scratch(kBatch, kRowMultiple),
        by_image(kBatch, kInputs + 1),
        by_input(kInputs + 1, kBatch) {
    fill(weights.rows(), kInputs + 1, columns, 1);
    fill(deltas.rows(), kBatch, columns, 2);
    for (std::size_t b = 0; b < kBatch; ++b) {
      for (std::size_t i = b % 3; i < kInputs; i += 1 + (b * i) % 5) {
        const float value = static_cast<float>(i % 255 + 1) / 255.0F;
        by_image.append(b, {static_cast<std::uint32_t>(i), value});
        by_input.append(i, {static_cast<std::uint32_t>(b), value});
      }
      by_image.append(b, {kNoIndex, 0.0F});
    }
  }

  LayerWeights layer() const { return {weights.rows(), {nullptr, 0}, kInputs, width, group, true}; }

  std::size_t width;
  std::size_t group;
  RowStorage weights;
  RowStorage deltas;
  RowStorage outputs;
  std::size_t groups;
  RowStorage sums;
  RowStorage scratch;
  EntryListStorage by_image;
  EntryListStorage by_input;
};

void expect_outputs(const Problem& problem) {
  const EntryLists lists = problem.by_image.view();
  for (std::size_t b = 0; b < kBatch; ++b) {
    for (std::size_t c = 0; c < problem.width; ++c) {
      float sum = problem.weights.rows()[kInputs][c];
      for (const Entry* e = lists.entries + lists.begin[b]; e->index != kNoIndex; ++e) {
        sum = std::fma(e->value, problem.weights.rows()[e->index][c], sum);
      }
      ASSERT_EQ(problem.outputs.rows()[b][c], sum) << "image " << b << ", column " << c;
    }
  }
}

void expect_sums(const Problem& problem, const Problem& before) {
  const EntryLists lists = problem.by_input.view();
  const GroupRows sums{problem.sums.rows(), kBatch};
  for (std::size_t i = 0; i < kInputs; ++i) {
    for (std::size_t e = lists.begin[i]; e < lists.end[i]; ++e) {
      const std::uint32_t b = lists.entries[e].index;
      for (std::size_t g = 0; g < problem.groups; ++g) {
        const std::size_t begin = g * problem.group;
        const std::size_t end = std::min(begin + problem.group, problem.width);
        ASSERT_EQ(sums[g][b][i],
                  dot(before.weights.rows()[i], problem.deltas.rows()[b], begin, end))
            << "image " << b << ", input " << i << ", group " << g;
      }
    }
  }
}

void expect_updated(const Problem& problem, const Problem& before, float lr) {
  const EntryLists lists = problem.by_input.view();
  for (std::size_t i = 0; i < kInputs; ++i) {
    for (std::size_t c = 0; c < problem.width; ++c) {
      float gradient = 0;
      for (std::size_t e = lists.begin[i]; e < lists.end[i]; ++e) {
        const Entry& entry = lists.entries[e];
        gradient = std::fma(entry.value, problem.deltas.rows()[entry.index][c], gradient);
      }
      ASSERT_EQ(problem.weights.rows()[i][c], std::fma(-lr, gradient, before.weights.rows()[i][c]))
          << "input " << i << ", column " << c;
    }
  }
}

/// Calls `check` for each instruction set with fused multiply-add that this CPU has.
template <typename Check>
void for_each_target(const Check& check) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    SCOPED_TRACE(simd_target());
    if (has_fused_multiply_add()) check();
    hwy::SetSupportedTargetsForTest(0);
  }
}

TEST(Kernels, AddInTheSameOrderOnEachInstructionSet) {
  for (const std::size_t columns : {1, 16, 40, 100, 256, 300}) {
    SCOPED_TRACE(std::to_string(columns) + " columns");
    for_each_target([&] {
      const Problem before(columns);
      Problem problem(columns);
      accumulate_rows(problem.layer(), problem.by_image.view(), kBatch, problem.outputs.rows());
      expect_outputs(problem);
      const GroupRows sums{problem.sums.rows(), kBatch};
      dot_rows(problem.layer(), problem.by_input.view(), problem.deltas.rows(), sums);
      expect_sums(problem, before);
      fill(problem.sums.rows(), problem.groups * kBatch, kInputs, 3);
      constexpr float kLr = 0.3F;
      dot_and_update_rows(problem.layer(), problem.by_input.view(), problem.deltas.rows(), sums,
                          problem.scratch.rows().data, {kLr, 0, 0});
      expect_sums(problem, before);
      expect_updated(problem, before, kLr);
    });
  }
}

}  // namespace
}  // namespace mnist
