#include <fmt/ranges.h>
#include <torch/nn/utils/convert_parameters.h>

#include <bit>
#include <string_view>

#include "base/file.h"
#include "base/template.h"
#include "base/text.h"
#include "commands/commands.h"
#include "mnist_train/model.h"
#include "mnist_train/shape.h"
#include "picture/prepare_digit.h"
#include "terminal/console.h"

namespace mnist {

ExitCode draw_command(const DrawOptions& options) {
  static_assert(std::endian::native == std::endian::little, "the page expects little-endian bytes");
  const Mlp model = read_model(options.model);
  std::vector<std::int64_t> sizes = hidden_sizes(*model);  // and those around them
  sizes.insert(sizes.begin(), kPixels);
  sizes.push_back(kDigits);
  const torch::Tensor parameters =
      torch::nn::utils::parameters_to_vector(model->parameters()).detach();
  const std::string_view bytes(static_cast<const char*>(parameters.data_ptr()),
                               parameters.nbytes());
  const std::string page = render_template(
      embedded_file("draw/draw.html"),
      {{"style", embedded_file("draw/draw.css")},
       {"network", embedded_file("draw/network.js")},
       {"read_digit", embedded_file("draw/read_digit.js")},
       {"draw", embedded_file("draw/draw.js")},
       {"sure", shortest(kSure)},
       {"description", fmt::format("{}, from {}", describe(*model), printable(options.model))},
       {"sizes", fmt::format("{}", fmt::join(sizes, " "))},
       {"parameters", base64(bytes)}});
  write_file(options.html, page);
  write_out(printable(full_name(options.html)) + "\n");
  return ExitCode::kDone;
}

}  // namespace mnist
