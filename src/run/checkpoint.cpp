#include "run/checkpoint.h"

#include <fmt/ranges.h>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "base/fail.h"
#include "mnist_train/data.h"

namespace mnist {
namespace {

constexpr const char* kEpochs = "epochs";
constexpr const char* kLoss = "loss";
constexpr const char* kBestEpoch = "best_epoch";
constexpr const char* kBestLoss = "best_loss";
constexpr const char* kVelocity = "velocity.";
constexpr const char* kBest = "best.";
constexpr const char* kRemedy = "start anew with --overwrite, or in another directory with --out";

/// The number with all its bits, as C's %a has it.
std::string exact(double number) { return fmt::format("{:a}", number); }

std::string metadata(const TensorFile& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  if (found != file.metadata.end()) return found->second;
  fail(ErrorKind::kModel, "expected metadata '{}', found none", key);
}

double read_exact(const TensorFile& file, const std::string& key) {
  const std::string text = metadata(file, key);
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (!text.empty() && *end == '\0' && std::isfinite(number)) return number;
  fail(ErrorKind::kModel, "{}: expected a number, found '{}'", key, text);
}

std::int64_t read_count(const TensorFile& file, const std::string& key) {
  const std::string text = metadata(file, key);
  const char* const end = text.data() + text.size();
  std::int64_t count = 0;
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  if (error == std::errc() && rest == end && count >= 0) return count;
  fail(ErrorKind::kModel, "{}: expected a number of epochs, found '{}'", key, text);
}

/// Adds tensors in the order of the parameters, under their names after a prefix.
void add_tensors(TensorFile& file, const std::string& prefix, const MlpImpl& model,
                 const std::vector<torch::Tensor>& tensors) {
  const std::vector<std::string> names = model.named_parameters().keys();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    file.tensors.insert(prefix + names.at(i), tensors[i]);
  }
}

/// Reads such tensors.
std::vector<torch::Tensor> take_tensors(const TensorFile& file, const std::string& prefix,
                                        const MlpImpl& model) {
  std::vector<torch::Tensor> tensors;
  for (const auto& parameter : model.named_parameters()) {
    const std::string name = prefix + parameter.key();
    const torch::Tensor* const tensor = file.tensors.find(name);
    if (tensor == nullptr || tensor->sizes() != parameter.value().sizes()) {
      fail(ErrorKind::kModel, "expected a tensor {} [{}], found none", name,
           fmt::join(parameter.value().sizes(), ","));
    }
    tensors.push_back(*tensor);
  }
  return tensors;
}

TrainingState read_state(const TensorFile& file, const MlpImpl& model) {
  const auto holds = [&](const std::string& prefix) {
    return file.tensors.contains(prefix + model.named_parameters()[0].key());
  };
  TrainingState state;
  state.epochs = read_count(file, kEpochs);
  state.loss = read_exact(file, kLoss);
  state.parameters = take_tensors(file, "", model);
  std::size_t sets = 1;
  if (holds(kVelocity)) {
    state.velocities = take_tensors(file, kVelocity, model);
    ++sets;
  }
  if (holds(kBest)) {
    state.best = BestEpoch{read_count(file, kBestEpoch), read_exact(file, kBestLoss),
                           take_tensors(file, kBest, model)};
    ++sets;
  }
  if (const std::size_t tensors = sets * state.parameters.size(); tensors != file.tensors.size()) {
    fail(ErrorKind::kModel, "expected {} tensors, found {}", tensors, file.tensors.size());
  }
  return state;
}

}  // namespace

ResumeKey resume_key(const std::vector<Setting>& decisive, const Engine& engine,
                     const torch::Tensor& labels, std::uint64_t images,
                     const TrainingOptions& options) {
  ResumeKey key;
  for (const Setting& setting : decisive) key["--" + setting.name] = setting.value;
  const std::string name = engine.name().substr(0, engine.name().find(' '));
  key["--engine"] = name;
  if (name == "autograd") key["--threads"] = std::to_string(engine.threads());
  // These names come after those of all options, some of which change labels and images, too.
  key["labels of --data"] = std::to_string(fingerprint(labels));
  key["pixels of --data"] = std::to_string(images);
  if (options.lr_schedule != LrSchedule::kConstant) {
    key["epochs of --lr-schedule"] = std::to_string(options.epochs);
  }
  return key;
}

void check_key(const ResumeKey& expected, const ResumeKey& found, const std::string& name) {
  const auto value = [](const ResumeKey& key, const std::string& entry) {
    const auto place = key.find(entry);
    return place == key.end() ? "none" : place->second;
  };
  ResumeKey all = expected;
  all.insert(found.begin(), found.end());
  for (const auto& [entry, unused] : all) {
    if (value(expected, entry) == value(found, entry)) continue;
    fail(ErrorKind::kUsage,
         "{}: expected {} as in {}, found {}; resume with the same, or choose another directory "
         "with --out",
         entry, value(expected, entry), name, value(found, entry));
  }
}

TensorFile checkpoint_file(const MlpImpl& model, const TrainingState& state, ResumeKey key) {
  TensorFile file;
  file.metadata = std::move(key);
  file.metadata[kEpochs] = std::to_string(state.epochs);
  file.metadata[kLoss] = exact(state.loss);
  add_tensors(file, "", model, state.parameters);
  add_tensors(file, kVelocity, model, state.velocities);
  if (state.best) {
    file.metadata[kBestEpoch] = std::to_string(state.best->epoch);
    file.metadata[kBestLoss] = exact(state.best->loss);
    add_tensors(file, kBest, model, state.best->parameters);
  }
  return file;
}

TensorFile read_checkpoint_file(const std::filesystem::path& path) {
  try {
    TensorFile file = read_safetensors(path);
    if (file.metadata.count(kEpochs) != 0) return file;
    fail(ErrorKind::kModel, "{}: expected a checkpoint, found other weights", path.string());
  } catch (const Error& error) {
    fail(ErrorKind::kModel, "{}; {}", error.what(), kRemedy);
  }
}

TrainingState state_from(const TensorFile& file, const MlpImpl& model, const std::string& name) {
  try {
    return read_state(file, model);
  } catch (const Error& error) {
    fail(ErrorKind::kModel, "{}: {}; {}", name, error.what(), kRemedy);
  }
}

}  // namespace mnist
