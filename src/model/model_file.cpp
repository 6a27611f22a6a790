#include "mnist_train/model_file.h"

#include <fmt/ranges.h>

#include <string>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/settings.h"
#include "mnist_train/error.h"
#include "mnist_train/shape.h"
#include "model/safetensors.h"
#include "model/state_dict.h"

namespace mnist {
namespace {

namespace fs = std::filesystem;

template <typename... Values>
[[noreturn]] void refuse(const std::string& name, fmt::format_string<Values...> problem,
                         Values&&... values) {
  fail(ExitCode::kModel, "{}: {}; take a file that mnist-train has saved", name,
       fmt::format(problem, std::forward<Values>(values)...));
}

/// The widths of the hidden layers of the model that has these tensors.
std::vector<std::int64_t> read_widths(const TensorFile& file, const std::string& name) {
  std::vector<std::int64_t> widths;
  std::int64_t inputs = kPixels;
  while (const FloatTensor* const weight =
             file.find(fmt::format("fc{}.weight", widths.size() + 1))) {
    const std::vector<std::int64_t>& shape = weight->shape;
    if (shape.size() != 2 || shape[0] < 1 || shape[1] != inputs) {
      refuse(name, "expected {} to be [N,{}], found [{}]", weight->name, inputs,
             fmt::join(shape, ","));
    }
    inputs = shape[0];
    widths.push_back(inputs);
  }
  if (widths.empty() || widths.back() != kDigits) {
    refuse(name, "expected fc1.weight [N,784] and so on up to 10 outputs, found other tensors");
  }
  if (file.tensors.size() != 2 * widths.size()) {
    refuse(name, "expected a weight and a bias for each layer, found other tensors");
  }
  widths.pop_back();
  return widths;
}

}  // namespace

void write_model(const MlpImpl& model, const fs::path& path) {
  // PyTorch's loaders look for "format".
  TensorFile file{{{"format", "pt"}, {"hidden", join_widths(hidden_widths(model))}}, {}};
  add_tensors(file, "", model, model.parameters());
  write_atomically(path, encode_safetensors(file));
}

Mlp read_model(const fs::path& path) {
  std::error_code ignored;
  const fs::path name = fs::is_directory(path, ignored) ? path / "model.safetensors" : path;
  const TensorFile file = read_safetensors(name);
  Mlp model(read_widths(file, name.string()));
  set_parameters(model, take_tensors(file, "", *model, name.string()));
  return model;
}

}  // namespace mnist
