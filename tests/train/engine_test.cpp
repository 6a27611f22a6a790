#include "train/engine.h"

#include <stdexcept>
#include <tuple>

#include "support.h"

namespace mnist {
namespace {

const Gpus kNone{0, "this LibTorch was built without CUDA"};
const Gpus kTwo{2, ""};

TrainingOptions sized(std::int64_t batch, std::int64_t hidden) {
  return {.batch = batch, .hidden = {16, hidden}};
}

/// "sparse on cpu: as asked", say.
std::string chosen(EngineKind engine, const std::string& device, const TrainingOptions& options,
                   const Gpus& gpus) {
  const Plan plan = make_plan({engine, device}, options, [&] { return gpus; });
  return (plan.engine == EngineKind::kSparse ? "sparse on " : "autograd on ") + plan.device.str() +
         ": " + plan.reason;
}

std::string refusal(EngineKind engine, const std::string& device, const Gpus& gpus) {
  return test::error_of(ErrorKind::kUsage, [&] {
    make_plan({engine, device}, {}, [&] { return gpus; });
  });
}

TEST(Plan, TakesTheFastestForTheSizeOfAStep) {
  const std::string sparse = "sparse on cpu: faster than autograd";
  const std::string on_cpu =
      "autograd on cpu: faster than sparse for batches and layers this large";
  const std::string on_gpu =
      "autograd on cuda:0: faster than sparse for batches and layers this large";
  for (const auto& [batch, hidden, alone, with_gpu] :
       std::vector<std::tuple<std::int64_t, std::int64_t, std::string, std::string>>{
           {20, 256, sparse, sparse},
           {128, 256, sparse, sparse},
           {129, 256, sparse, on_gpu},
           {1024, 1024, sparse, on_gpu},
           {1025, 1024, on_cpu, on_gpu},
           {1024, 2048, on_cpu, on_gpu}}) {
    SCOPED_TRACE(std::to_string(batch) + " x " + std::to_string(hidden));
    EXPECT_EQ(chosen(EngineKind::kAuto, "auto", sized(batch, hidden), kNone), alone);
    EXPECT_EQ(chosen(EngineKind::kAuto, "auto", sized(batch, hidden), kTwo), with_gpu);
  }
}

TEST(Plan, KeepsToWhatWasAskedFor) {
  const TrainingOptions large = sized(4096, 1024);
  EXPECT_EQ(chosen(EngineKind::kAutograd, "auto", {}, kTwo), "autograd on cpu: as asked");
  EXPECT_EQ(chosen(EngineKind::kAutograd, "auto", large, kTwo), "autograd on cuda:0: as asked");
  EXPECT_EQ(chosen(EngineKind::kSparse, "auto", large, kTwo), "sparse on cpu: as asked");
  EXPECT_EQ(chosen(EngineKind::kAutograd, "cpu", large, kTwo), "autograd on cpu: as asked");
  EXPECT_EQ(chosen(EngineKind::kAutograd, "cuda:1", {}, kTwo), "autograd on cuda:1: as asked");
  EXPECT_EQ(chosen(EngineKind::kAuto, "cuda", {}, kTwo),
            "autograd on cuda:0: sparse runs on the CPU only");
  EXPECT_EQ(make_plan({.threads = 3}, {}).threads, 3);
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

}  // namespace
}  // namespace mnist
