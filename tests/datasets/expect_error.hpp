// Checks that something throws, and that the message names what matters.
#pragma once

#include <boost/test/unit_test.hpp>
#include <initializer_list>
#include <string>

namespace tapegrad::testing {

/// Fails the test unless `action` throws an `Error` whose message contains every one of `parts`.
template <class Error, class Action>
void expect_error(const Action& action, std::initializer_list<std::string> parts) {
    try {
        action();
    } catch (const Error& error) {
        const std::string message = error.what();
        for (const std::string& part : parts)
            BOOST_CHECK_MESSAGE(message.find(part) != std::string::npos,
                                "the message \"" << message << "\" does not contain \"" << part << '"');
        return;
    } catch (const std::exception& error) {
        BOOST_ERROR("threw an error of another class: " << error.what());
        return;
    }
    BOOST_ERROR("did not throw");
}

}  // namespace tapegrad::testing
