"""The errors of the Cognito protocol, by the names and in the words that its clients know."""


class Fault(Exception):
    """An answer with an error: `kind` is what clients branch on."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


def bad_parameter(message: str) -> Fault:
    """The request does not fit the protocol."""
    return Fault("InvalidParameterException", message)


def not_authorized(message: str = "Incorrect username or password.") -> Fault:
    """The proof does not hold; the default words are the same for an unknown user and a wrong password."""
    return Fault("NotAuthorizedException", message)


def revoked() -> Fault:
    """The session of this access token is over."""
    return not_authorized("Access Token has been revoked")


def not_confirmed() -> Fault:
    """The password is right, but the e-mail address was never confirmed."""
    return Fault("UserNotConfirmedException", "User is not confirmed.")


def wrong_code() -> Fault:
    """Not the code that was sent."""
    return Fault("CodeMismatchException", "Invalid verification code provided, please try again.")


def no_such_code() -> Fault:
    """There is no code to check against: used, expired, voided or never asked for."""
    return Fault("ExpiredCodeException", "Invalid code provided, please request a code again.")


def username_exists() -> Fault:
    """Somebody signed up with this e-mail address before."""
    return Fault("UsernameExistsException", "User already exists")


def email_taken() -> Fault:
    """Another account has this e-mail address."""
    return Fault("AliasExistsException", "An account with the given email already exists.")


def bad_password(reason: str) -> Fault:
    """The new password is too weak."""
    return Fault("InvalidPasswordException", f"Password did not conform with policy: {reason}")


def too_many_codes() -> Fault:
    """Codes were asked for, or tried, too often."""
    return Fault("LimitExceededException", "Attempt limit exceeded, please try after some time.")


def too_many_requests() -> Fault:
    """This address asks too often."""
    return Fault("TooManyRequestsException", "Too many requests")


def undelivered() -> Fault:
    """The mail server did not take the message."""
    return Fault("CodeDeliveryFailureException", "The code could not be sent; try again later.")


def no_such_client(client_id: str) -> Fault:
    """The request names a client that does not exist here."""
    return Fault("ResourceNotFoundException", f"User pool client {client_id} does not exist.")


def unsupported(operation: str) -> Fault:
    """Cognito may have this operation; this service has not."""
    return Fault("UnsupportedOperationException", f"{operation} is not supported by this identity service.")
