#include "train/engine.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "support.h"
#include "train/training.h"

namespace mnist {
namespace {

const Gpus kNone{0, "this LibTorch was built without CUDA"};
const Gpus kTwo{2, ""};

TrainingOptions sized(std::int64_t batch, std::int64_t hidden) {
  TrainingOptions options;
  options.batch = batch;
  options.hidden = {16, hidden};
  return options;
}

/// "sparse on cpu", say.
std::string chosen(EngineKind engine, const std::string& device, const TrainingOptions& options,
                   const Gpus& gpus) {
  const Plan plan = make_plan({engine, device}, options, [&] { return gpus; });
  return (plan.engine == EngineKind::kSparse ? "sparse on " : "autograd on ") + plan.device.str();
}

std::string refusal(EngineKind engine, const std::string& device, const Gpus& gpus) {
  return test::error_of(ErrorKind::kUsage, [&] {
    make_plan({engine, device}, {}, [&] { return gpus; });
  });
}

TEST(Plan, TakesTheFastestForTheSizeOfAStep) {
  for (const auto& [batch, hidden, alone, with_gpu] :
       std::vector<std::tuple<std::int64_t, std::int64_t, std::string, std::string>>{
           {20, 256, "sparse on cpu", "sparse on cpu"},
           {128, 256, "sparse on cpu", "sparse on cpu"},
           {129, 256, "sparse on cpu", "autograd on cuda:0"},
           {1024, 1024, "sparse on cpu", "autograd on cuda:0"},
           {1025, 1024, "autograd on cpu", "autograd on cuda:0"},
           {1024, 2048, "autograd on cpu", "autograd on cuda:0"}}) {
    SCOPED_TRACE(std::to_string(batch) + " x " + std::to_string(hidden));
    EXPECT_EQ(chosen(EngineKind::kAuto, "auto", sized(batch, hidden), kNone), alone);
    EXPECT_EQ(chosen(EngineKind::kAuto, "auto", sized(batch, hidden), kTwo), with_gpu);
  }
}

TEST(Plan, KeepsToWhatWasAskedFor) {
  const TrainingOptions large = sized(4096, 1024);
  EXPECT_EQ(chosen(EngineKind::kAutograd, "auto", {}, kTwo), "autograd on cpu");
  EXPECT_EQ(chosen(EngineKind::kAutograd, "auto", large, kTwo), "autograd on cuda:0");
  EXPECT_EQ(chosen(EngineKind::kSparse, "auto", large, kTwo), "sparse on cpu");
  EXPECT_EQ(chosen(EngineKind::kAutograd, "cpu", large, kTwo), "autograd on cpu");
  EXPECT_EQ(chosen(EngineKind::kAuto, "cuda", {}, kTwo), "autograd on cuda:0");
  EXPECT_EQ(chosen(EngineKind::kAutograd, "cuda:1", {}, kTwo), "autograd on cuda:1");
  EXPECT_EQ(make_plan({.threads = 3}, {}).threads, 3);
}

TEST(Plan, SaysWhy) {
  const auto reason = [](const ComputeOptions& compute, const TrainingOptions& options) {
    return make_plan(compute, options, [] { return kTwo; }).reason;
  };
  EXPECT_EQ(reason({EngineKind::kSparse}, {}), "as asked");
  EXPECT_EQ(reason({}, {}), "faster than autograd");
  EXPECT_EQ(reason({EngineKind::kAuto, "cuda"}, {}), "sparse runs on the CPU only");
  EXPECT_EQ(reason({}, sized(4096, 1024)), "faster than sparse for batches and layers this large");
}

TEST(Plan, LooksForGpusOnlyIfOneMayBeUsed) {
  const auto find = []() -> Gpus { throw std::logic_error("looked for"); };
  EXPECT_NO_THROW(make_plan({EngineKind::kAuto, "cpu"}, sized(4096, 1024), find));
  EXPECT_NO_THROW(make_plan({EngineKind::kSparse, "auto"}, sized(4096, 1024), find));
  EXPECT_NO_THROW(make_plan({}, {}, find));
}

TEST(Plan, RefusesADeviceThatIsNotThereOrThatTheEngineCannotUse) {
  EXPECT_EQ(refusal(EngineKind::kAuto, "cuda", kNone),
            "device cuda: no such GPU (this LibTorch was built without CUDA)");
  EXPECT_EQ(refusal(EngineKind::kAuto, "cuda:2", kTwo), "device cuda:2: no such GPU (found 2)");
  EXPECT_EQ(refusal(EngineKind::kSparse, "cuda", kTwo),
            "device cuda: the sparse engine runs on the CPU only");
}

TEST(MakeEngine, MakesThePlannedOne) {
  const Mlp model(std::vector<std::int64_t>{32});
  const Dataset data = test::sample(10);
  const auto sparse = test::engine_of(EngineKind::kSparse, model, data, {}, 2);
  EXPECT_EQ(sparse->name().substr(0, 8), "sparse (");
  EXPECT_EQ(sparse->threads(), 2);
  EXPECT_EQ(test::engine_of(EngineKind::kAutograd, model, data, {})->name(), "autograd");
}

}  // namespace
}  // namespace mnist
