// Measures the time of an epoch; scripts/bench.sh shows the times side by side. The benchmarks
// are `loader`, `floor`, `limit` and `steps`, and for the table of engines ENGINE/batch:B/hidden:H,
// which takes the first 12,000 images only.

// First, because Clang, in C++20, refuses other headers of LibTorch 1.13 before it.
#include <ATen/core/ivalue.h>
//
#include <ATen/Context.h>
#include <benchmark/benchmark.h>
#include <dlfcn.h>
#include <torch/data.h>
#include <torch/nn/functional/loss.h>
#include <torch/optim/sgd.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "data/data_files.h"
#include "kernels/kernels.h"
#include "limit.h"
#include "mnist_train/data.h"
#include "mnist_train/shape.h"
#include "train/engine.h"
#include "train/runtime.h"

namespace mnist {
namespace {

constexpr std::int64_t kBatch = 20;
constexpr std::int64_t kImages = 60000;
constexpr std::int64_t kTableImages = 12000;

/// An epoch with LibTorch's data loader, which stacks single images, as in its C++ examples.
void loader(benchmark::State& state) {
  using torch::data::datasets::MNIST;
  const std::string dir = find_data_dir("").string();
  const auto loader = torch::data::make_data_loader<torch::data::samplers::SequentialSampler>(
      MNIST(dir).map(torch::data::transforms::Stack<>()), kBatch);
  Mlp model(std::vector<std::int64_t>{256, 256});
  torch::optim::SGD optimizer(model->parameters(), torch::optim::SGDOptions(0.01));
  for (auto _ : state) {
    for (const auto& batch : *loader) {
      optimizer.zero_grad();
      const torch::Tensor logits = model->forward(batch.data.view({-1, kPixels}));
      torch::nn::functional::cross_entropy(logits, batch.target).backward();
      optimizer.step();
    }
  }
}

using Sgemm = void(const char*, const char*, const int*, const int*, const int*, const float*,
                   const float*, const int*, const float*, const int*, const float*, float*,
                   const int*);

/// The matrix products of dense training and nothing else, by the BLAS that LibTorch uses.
void floor(benchmark::State& state) {
  auto* const sgemm = reinterpret_cast<Sgemm*>(dlsym(RTLD_DEFAULT, "sgemm_"));
  if (sgemm == nullptr) {
    state.SkipWithError("LibTorch's BLAS has no sgemm to call");
    return;
  }
  const std::vector<int> widths{static_cast<int>(kPixels), 256, 256, static_cast<int>(kDigits)};
  const int batch = kBatch;
  const float one = 1.0F;
  const float zero = 0.0F;
  std::vector<std::vector<float>> weights;
  std::vector<std::vector<float>> gradients;
  std::vector<std::vector<float>> activations;
  activations.reserve(widths.size());
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    weights.emplace_back(widths[l] * widths[l + 1], 0.01F);
    gradients.emplace_back(widths[l] * widths[l + 1]);
  }
  for (const int width : widths) activations.emplace_back(batch * width, 0.5F);
  std::vector<std::vector<float>> deltas = activations;
  // BLAS counts column by column, so that a tensor [rows,columns] is [columns,rows] to it: weights
  // are [in,out], activations [in,batch].
  for (auto _ : state) {
    for (std::int64_t image = 0; image < kImages; image += batch) {
      for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
        sgemm("T", "N", &widths[l + 1], &batch, &widths[l], &one, weights[l].data(), &widths[l],
              activations[l].data(), &widths[l], &zero, activations[l + 1].data(), &widths[l + 1]);
      }
      for (std::size_t l = widths.size() - 1; l-- > 0;) {
        sgemm("N", "T", &widths[l], &widths[l + 1], &batch, &one, activations[l].data(), &widths[l],
              deltas[l + 1].data(), &widths[l + 1], &zero, gradients[l].data(), &widths[l]);
        if (l == 0) break;
        sgemm("N", "N", &widths[l], &batch, &widths[l + 1], &one, weights[l].data(), &widths[l],
              deltas[l + 1].data(), &widths[l + 1], &zero, deltas[l].data(), &widths[l]);
      }
    }
    benchmark::DoNotOptimize(gradients.front().data());
  }
}

/// What an epoch of the sparse engine would take if it did nothing but its products and its
/// updates, at the rates of this CPU: an image takes a row of the first layer for each pixel
/// that is not black, forward and in the update, a row of the second for each active unit, forward,
/// backward and in the update, and ten rows for the output layer; a batch reads and writes each row
/// that it has used. About two thirds of the hidden units are active.
void limit(benchmark::State& state) {
  constexpr double kWidth = 256;
  constexpr double kActive = 170;
  constexpr std::int64_t kBatches = kImages / kBatch;
  const Dataset train = load_split(find_data_dir(""), Split::kTrain, kImages);
  const torch::Tensor is_on = train.images.ne(0);
  const double pixels = is_on.sum().item<double>() / kImages;
  const torch::Tensor in_batch = is_on.view({-1, kBatch, kPixels}).any(1);
  const double rows = in_batch.sum().item<double>() / static_cast<double>(in_batch.size(0));
  const double products = kWidth * (2 * pixels + 3 * kActive + 3 * kDigits);
  const double updates = kWidth * (rows + kWidth);
  const auto touched = static_cast<std::size_t>(updates);
  for (auto _ : state) {
    const VectorRates rates = measure_rates(touched);
    const double image = products / static_cast<double>(rates.lanes) * rates.multiply_add;
    const double batch = updates / static_cast<double>(rates.lanes) * rates.update;
    state.SetIterationTime(kImages * image + kBatches * batch);
    state.counters["multiply-adds an image"] = products;
    state.counters["updates a batch"] = updates;
  }
}

/// An epoch of the sparse engine as if no other program ran: of each step the least time that it
/// took in several epochs. Only this can be compared with `limit`, which knows of no disturbance
/// either.
void steps(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  constexpr int kEpochs = 8;
  const Dataset data = load_split(find_data_dir(""), Split::kTrain, kImages);
  torch::manual_seed(1);
  const Mlp model(std::vector<std::int64_t>{256, 256});
  const TrainingOptions options;
  const auto engine =
      make_engine(make_plan({.engine = EngineKind::kSparse}, options), model, data, options);
  std::vector<double> least(kImages / kBatch, std::numeric_limits<double>::infinity());
  for (auto _ : state) {
    for (int epoch = 1; epoch <= kEpochs; ++epoch) {
      auto step = least.begin();
      Clock::time_point before = Clock::now();
      engine->train_epoch(epoch, [&](std::int64_t) {
        const Clock::time_point now = Clock::now();
        *step = std::min(*step, std::chrono::duration<double>(now - before).count());
        ++step;
        before = now;
        return true;
      });
    }
    state.SetIterationTime(std::accumulate(least.begin(), least.end(), 0.0));
  }
}

/// An epoch of one of our engines.
void engine(benchmark::State& state, EngineKind kind) {
  static const Dataset data = load_split(find_data_dir(""), Split::kTrain, kTableImages);
  TrainingOptions options;
  options.batch = state.range(0);
  options.hidden = {state.range(1), state.range(1)};
  torch::manual_seed(1);
  const Mlp model(options.hidden);
  const auto engine = make_engine(make_plan({.engine = kind}, options), model, data, options);
  for (auto _ : state) engine->train_epoch(1, [](std::int64_t) { return true; });
}

void once(benchmark::internal::Benchmark* bench) {
  bench->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();
}

void table(benchmark::internal::Benchmark* bench) {
  once(bench);
  bench->ArgsProduct({{1, 20, 64, 256, 1024}, {64, 256, 1024}})->ArgNames({"batch", "hidden"});
}

BENCHMARK(loader)->Apply(once);
BENCHMARK(floor)->Apply(once);
BENCHMARK(limit)->Iterations(1)->Unit(benchmark::kSecond)->UseManualTime();
BENCHMARK(steps)->Iterations(1)->Unit(benchmark::kSecond)->UseManualTime();
BENCHMARK_CAPTURE(engine, autograd, EngineKind::kAutograd)->Apply(table);
BENCHMARK_CAPTURE(engine, sparse, EngineKind::kSparse)->Apply(table);

}  // namespace
}  // namespace mnist

int main(int argc, char** argv) {
  mnist::set_threads(1);
  at::Context::setFlushDenormal(true);  // as make_engine() does
  mnist::limit_simd();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
