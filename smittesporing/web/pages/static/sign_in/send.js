// The form that ends the session at ID-porten sends itself; its button is for browsers without scripts.
document.getElementById("sign-out")?.submit();
