#pragma once

#include <functional>
#include <string>

#include "image/gray_image.h"
#include "train/prediction.h"

namespace mnist {

/// What the network saw in a drawing, and what it makes of it.
struct Reading {
  GrayImage seen;  ///< 28 x 28
  Prediction prediction;
};

/// Reads a drawing, the bytes of a PNG file of at most 64 KiB. Throws Error, whose text is shown on
/// the page, if there is no digit in it. Any other exception is an internal error to the page,
/// without its text.
using DrawingReader = std::function<Reading(const std::string& png)>;

/// Serves the page of draw.html on 127.0.0.1 until `stop_asked` says so, which is asked 20 times a
/// second. Port 0 is any free one. `on_ready` is told the port once connections are taken. `read`
/// is called by one thread at a time, not this one. Throws Error(kUsage) if the port cannot be
/// had, and Error(kOutput) if the system lets no one connect any more.
///
///   GET /          the page
///   POST /predict  Content-Type: image/png; answers
///                  {"digit": 7, "probabilities": [10 numbers], "seen": [784 numbers, 0 to 255]}
///
/// What is refused gets a status of 4xx, mostly with {"error": "..."}: other hosts' names and
/// origins (so that no other web site can ask through the browser), bodies over 64 KiB, more than
/// 30 requests a second. A connection is for one request and 10 seconds, and gets no body with its
/// status if it takes more (see connection_watch.h).
void serve(int port, const DrawingReader& read, const std::function<void(int)>& on_ready,
           const std::function<bool()>& stop_asked);

}  // namespace mnist
