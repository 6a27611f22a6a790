#include <fmt/format.h>
#include <torch/nn/utils/convert_parameters.h>

#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "commands/commands.h"
#include "draw/draw_page.h"
#include "mnist_train/model.h"
#include "mnist_train/shape.h"
#include "terminal/console.h"

namespace mnist {
namespace {

/// The sizes of all layers, from the pixels to the digits.
std::vector<std::int64_t> layer_sizes(const MlpImpl& model) {
  std::vector<std::int64_t> sizes = hidden_sizes(model);
  sizes.insert(sizes.begin(), kPixels);
  sizes.push_back(kDigits);
  return sizes;
}

}  // namespace

ExitCode draw_command(const DrawOptions& options) {
  const Mlp model = read_model(options.model);
  const torch::Tensor parameters =
      torch::nn::utils::parameters_to_vector(model->parameters()).detach();
  const DrawnNetwork network{
      .sizes = layer_sizes(*model),
      .parameters = {parameters.data_ptr<float>(), static_cast<std::size_t>(parameters.numel())},
      .description = fmt::format("{}, from {}", describe(*model), printable(options.model))};
  write_file(options.html, draw_page(network));
  write_out(printable(full_name(options.html)) + "\n");
  return ExitCode::kDone;
}

}  // namespace mnist
